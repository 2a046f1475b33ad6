//! Five days of samples of `cancer-risk`, in OpenMetrics' text form.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

const DAYS: f64 = 5.0;

/// Samples of the last hours stand as close as scrapes; those before only feed medians.
const CLOSE: f64 = 8.0 * 3600.0;

/// A series: its value as ever, and from some time on another.
pub struct Course {
    series: String,
    usual: f64,
    later: Option<(f64, f64)>,
}

impl Course {
    fn new(series: impl Into<String>, usual: f64) -> Course {
        Course {
            series: series.into(),
            usual,
            later: None,
        }
    }

    /// From `time` on it is `value`.
    pub fn then(mut self, time: f64, value: f64) -> Course {
        self.later = Some((time, value));
        self
    }

    fn at(&self, time: f64) -> f64 {
        match self.later {
            Some((from, value)) if time >= from => value,
            Some(_) | None => self.usual,
        }
    }
}

/// Seconds since 1970.
pub fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_secs_f64().floor()
}

/// Four machines of the laboratory, lost from `lost` on, and six of other clusters.
pub fn nodes(lost: f64) -> Vec<Course> {
    let mut courses = Vec::new();
    for node in 0..10 {
        let ready =
            format!("kube_node_status_condition{{node=\"n{node}\",condition=\"Ready\",status=\"true\"}}");
        let ready = Course::new(ready, 1.0);
        if node < 4 {
            let labels = format!("kube_node_labels{{node=\"n{node}\",label_portolan_pool=\"dgx\"}}");
            courses.extend([Course::new(labels, 1.0), ready.then(lost, 0.0)]);
        } else {
            courses.push(ready);
        }
    }
    courses
}

/// How long the run goes on.
pub fn run() -> Course {
    Course::new(
        "argo_workflows_portolan_run_seconds{pipeline=\"cancer-risk\"}",
        3600.0,
    )
}

/// When a step last succeeded; an hour ago at any time, unless said.
pub fn succeeded(step: &str) -> Course {
    let name = "argo_workflows_portolan_succeeded_timestamp_seconds";
    Course::new(
        format!("{name}{{pipeline=\"cancer-risk\",step=\"{step}\"}}"),
        now() - 3600.0,
    )
}

/// What a step reports.
pub fn output(step: &str, output: &str, usual: f64) -> Course {
    let name = "argo_workflows_portolan_output";
    let labels = format!("pipeline=\"cancer-risk\",step=\"{step}\",output=\"{output}\"");
    Course::new(format!("{name}{{{labels}}}"), usual)
}

/// What was recorded in the past; from then on Prometheus records it.
pub fn kpi(kpi: &str, usual: f64) -> Course {
    let (step, cluster) = match kpi.split_once('.') {
        Some(("transform", _)) => ("transform", "aws-sa-east-1"),
        Some((step, _)) => (step, "lab"),
        None => ("", ""),
    };
    let labels = format!("pipeline=\"cancer-risk\",kpi=\"{kpi}\",step=\"{step}\",cluster=\"{cluster}\"");
    Course::new(format!("portolan:kpi{{{labels}}}"), usual)
}

/// The 99th percentile of the service, in microseconds.
pub fn latency(usual: f64) -> Course {
    let labels = "pipeline=\"cancer-risk\",step=\"serve\",quantile=\"0.99\"";
    Course::new(format!("nv_inference_request_summary_us{{{labels}}}"), usual)
}

/// `# TYPE` once a metric, its series, and the end.
pub fn openmetrics(courses: &[Course], now: f64) -> String {
    let mut metrics: BTreeMap<&str, Vec<&Course>> = BTreeMap::new();
    for course in courses {
        let name = course.series.split('{').next().unwrap_or_default();
        metrics.entry(name).or_default().push(course);
    }
    let mut text = String::new();
    for (name, courses) in metrics {
        let _ = writeln!(text, "# TYPE {name} gauge");
        for course in courses {
            let mut time = now - DAYS * 86_400.0;
            while time <= now {
                let _ = writeln!(text, "{} {} {time}", course.series, course.at(time));
                time += if time < now - CLOSE { 240.0 } else { 30.0 };
            }
        }
    }
    text + "# EOF\n"
}
