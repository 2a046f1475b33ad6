//! What an always-on step says of itself: PromQL over its runtime's metrics, and sample series for unit tests.

use super::metrics::{self, Latency, Requests};
use super::promql::{equals, number, with_matchers};
use super::series::{Level, Series};
use crate::graph::{Graph, LatencyOf, Runtime, StepId};

/// An always-on step and the metrics of its runtime.
#[derive(Clone, Debug)]
pub struct Service {
    pipeline: String,
    step: String,
    requests: Requests,
}

/// Requests a second in sample series.
const SAMPLE_RATE: f64 = 100.0;

impl Service {
    /// The service that `step` runs; a streaming step is watched like an image of your own.
    pub fn of(graph: &Graph, step: StepId) -> Service {
        let serving = graph[step].serving.as_ref();
        let runtime = serving.map_or(Runtime::Custom, |serving| serving.runtime);
        Service {
            pipeline: graph.pipeline_of(step).name.value.clone(),
            step: graph[step].name.value.clone(),
            requests: metrics::of_runtime(runtime),
        }
    }

    /// `metric{pipeline=…,step=…}` and further matchers.
    fn select(&self, metric: &str, more: &[&str]) -> String {
        let mut matchers = vec![equals("pipeline", &self.pipeline), equals("step", &self.step)];
        let present = more.iter().filter(|matcher| !matcher.is_empty());
        matchers.extend(present.map(|matcher| (*matcher).to_owned()));
        with_matchers(metric, matchers)
    }

    /// Requests per second.
    pub fn rate(&self, window: &str) -> String {
        let terms = self.requests.all.iter().map(|metric| {
            format!(
                "sum(rate({}[{window}]))",
                self.select(metric, &[self.requests.only])
            )
        });
        terms.collect::<Vec<_>>().join(" + ")
    }

    /// Share of requests that failed; `None` if the runtime does not count them.
    pub fn failed(&self, window: &str) -> Option<String> {
        let (metric, status) = self.requests.failed?;
        let failed = self.select(metric, &[self.requests.only, status]);
        let all = self.rate(window);
        let all = if self.requests.all.len() > 1 {
            format!("({all})")
        } else {
            all
        };
        Some(format!("sum(rate({failed}[{window}])) / {all}"))
    }

    /// Share of minutes in which pods were known and none could be scraped.
    pub fn unreachable(&self, window: &str) -> String {
        format!("1 - avg_over_time(max({})[{window}:1m])", self.up())
    }

    /// 1 for each pod that can be scraped.
    pub fn up(&self) -> String {
        self.select(metrics::UP, &[])
    }

    /// How the runtime measures a latency.
    pub fn latency(&self, of: LatencyOf) -> Latency {
        match of {
            LatencyOf::Request => self.requests.request,
            LatencyOf::FirstToken => self.requests.first_token,
            LatencyOf::Token => self.requests.token,
        }
    }

    /// Seconds within which the share `quantile` of requests is answered. A summary has a few quantiles only and cannot
    /// be added up over pods: the mean over the window of the slowest pod stands for it.
    pub fn quantile(&self, latency: Latency, quantile: f64, window: &str) -> Option<String> {
        match latency {
            Latency::Histogram(metric) => {
                let buckets = self.select(&format!("{metric}_bucket"), &[]);
                let quantile = number(quantile);
                Some(format!(
                    "histogram_quantile({quantile}, sum by (le) (rate({buckets}[{window}])))"
                ))
            }
            Latency::Summary(metric, units) => {
                let chosen = equals("quantile", &number(quantile));
                let series = self.select(metric, &[&chosen]);
                let units = number(units);
                Some(format!("max(avg_over_time({series}[{window}])) / {units}"))
            }
            Latency::Unknown => None,
        }
    }

    /// Series of requests at these rates, none of which fails.
    pub fn sample_rate(&self, levels: &[Level]) -> Vec<Series> {
        let quiet: Vec<Level> = levels
            .iter()
            .map(|level| level.map(|value| value * 0.0))
            .collect();
        let counters = self.requests.all.iter().enumerate();
        counters
            .map(|(i, metric)| {
                let grown = if i == 0 { levels } else { &quiet };
                Series::counter(
                    self.sample(metric, "handler=\"/v1/completions\",status=\"200\""),
                    grown,
                )
            })
            .collect()
    }

    /// Series of requests of which these shares fail.
    pub fn sample_failed(&self, shares: &[Level]) -> Vec<Series> {
        let Some((metric, _)) = self.requests.failed else {
            return Vec::new();
        };
        let failing: Vec<Level> = shares
            .iter()
            .map(|level| level.map(|value| value * SAMPLE_RATE))
            .collect();
        let counted_apart = self.requests.all.iter().all(|all| *all != metric);
        let answered: Vec<Level> = shares
            .iter()
            .map(|level| {
                Level::new(
                    if counted_apart {
                        SAMPLE_RATE
                    } else {
                        SAMPLE_RATE * (1.0 - level.value)
                    },
                    level.minutes,
                )
            })
            .collect();
        let first = self.requests.all.first().copied().unwrap_or(metric);
        vec![
            Series::counter(
                self.sample(first, "handler=\"/v1/completions\",status=\"200\""),
                &answered,
            ),
            Series::counter(
                self.sample(metric, "handler=\"/v1/completions\",status=\"500\""),
                &failing,
            ),
        ]
    }

    /// Series of requests that take so many seconds each; the last level is met exactly.
    pub fn sample_latency(&self, latency: Latency, quantile: f64, levels: &[Level]) -> Vec<Series> {
        match latency {
            Latency::Histogram(metric) => self.buckets(metric, levels),
            Latency::Summary(metric, units) => {
                let values: Vec<Level> = levels
                    .iter()
                    .map(|level| level.map(|value| value * units))
                    .collect();
                let chosen = equals("quantile", &number(quantile));
                vec![Series::gauge(self.sample(metric, &chosen), &values)]
            }
            Latency::Unknown => Vec::new(),
        }
    }

    /// What lies above the last finite bucket counts as that bucket's bound, hence the exact last level.
    fn buckets(&self, metric: &str, levels: &[Level]) -> Vec<Series> {
        let mut bounds: Vec<f64> = levels.iter().map(|level| level.value).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let name = format!("{metric}_bucket");
        let last = levels.len().saturating_sub(1);
        let below = bounds.into_iter().map(|bound| {
            let counted = levels.iter().enumerate().map(|(i, level)| {
                Level::new(
                    if i < last && level.value <= bound {
                        SAMPLE_RATE
                    } else {
                        0.0
                    },
                    level.minutes,
                )
            });
            let labels = equals("le", &number(bound));
            Series::counter(self.sample(&name, &labels), &counted.collect::<Vec<_>>())
        });
        let minutes = levels.iter().map(|level| level.minutes).sum();
        let all = [Level::new(SAMPLE_RATE, minutes)];
        let above = Series::counter(self.sample(&name, "le=\"+Inf\""), &all);
        below.chain([above]).collect()
    }

    /// Series of so many pods; `None` if a test would be too long.
    pub fn sample_pods(&self, levels: &[Level]) -> Option<Vec<Series>> {
        let most = levels.iter().map(|level| level.value).fold(0.0, f64::max).ceil() as u64;
        (most <= 64).then(|| {
            let pod = |i: u64| {
                let states = levels.iter().map(|level| {
                    Level::new(
                        if (i as f64) < level.value.round() {
                            1.0
                        } else {
                            0.0
                        },
                        level.minutes,
                    )
                });
                let name = equals("instance", &format!("pod-{i}"));
                Series::gauge(self.sample(metrics::UP, &name), &states.collect::<Vec<_>>())
            };
            (0..most.max(1)).map(pod).collect()
        })
    }

    fn sample(&self, metric: &str, more: &str) -> String {
        self.select(metric, &[more])
    }
}
