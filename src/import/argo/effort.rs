//! Retries, time limits, caching and needs of a container.

use super::scope::Scope;
use super::{Importer, known};
use crate::import::pipeline::{Retry, Step};
use crate::import::text::Text;
use crate::import::yaml::Node;

impl<'t> Importer<'t, '_> {
    /// How a template is tried again, for how long, and whether at all.
    pub fn effort(&mut self, template: &'t Node, scope: &Scope<'t>, step: &mut Step) {
        if let Some(retry) = template.get("retryStrategy") {
            self.keys(retry, &known::RETRY);
            step.retries.extend(self.retry(retry));
        }
        for (key, unit) in [("activeDeadlineSeconds", "s"), ("timeout", "")] {
            let Some(node) = template.get(key) else { continue };
            let value = self.text(scope, node);
            match value
                .constant()
                .and_then(|text| duration(&format!("{text}{unit}")))
            {
                Some(duration) => step.timeout = Some(duration),
                None => self.stop(node.span, &format!("this `{key}`"), "a time limit is a constant"),
            }
        }
        if let Some(memoize) = template.get("memoize") {
            let age = memoize.text_of("maxAge").and_then(duration);
            step.cache = Some(age);
            self.lose(
                memoize.span,
                "memoize",
                "the key is made of image, command, environment and inputs",
            );
        }
        if let Some(selector) = template.get("nodeSelector") {
            for (key, value) in selector.entries() {
                match (key.as_str(), value.text()) {
                    ("kubernetes.io/os" | "beta.kubernetes.io/os", Some("windows")) => {
                        self.stop(value.span, "a Windows container", "steps run on Linux");
                    }
                    ("kubernetes.io/arch" | "beta.kubernetes.io/arch", Some(arch @ ("amd64" | "arm64"))) => {
                        step.needs.push(("arch", arch.to_owned()));
                    }
                    _ => self.lose(value.span, "nodeSelector", "the plan decides where a step runs"),
                }
            }
        }
    }

    fn retry(&mut self, retry: &Node) -> Vec<Retry> {
        let Some(limit) = retry.get("limit") else {
            self.stop(
                retry.span,
                "`retryStrategy` without `limit`",
                "attempts are counted",
            );
            return Vec::new();
        };
        let Some(attempts) = limit.text().and_then(|text| text.parse().ok()) else {
            self.stop(
                limit.span,
                "a `limit` that a run decides",
                "attempts are a constant",
            );
            return Vec::new();
        };
        let causes: &[&'static str] = match retry.text_of("retryPolicy") {
            Some("OnError" | "OnTransientError") => &["lost"],
            Some("Always") => &["error", "lost"],
            Some(_) | None => &["error"],
        };
        let backoff = retry.get("backoff");
        let duration = backoff
            .and_then(|backoff| backoff.text_of("duration"))
            .and_then(seconds);
        let factor = backoff.and_then(|backoff| backoff.text_of("factor"));
        if let Some(longest) = backoff.and_then(|backoff| backoff.get("maxDuration")) {
            self.lose(
                longest.span,
                "maxDuration",
                "the number of attempts bounds their time",
            );
        }
        let one = |cause| Retry {
            attempts,
            cause,
            backoff: duration.clone(),
            factor: factor.map(|factor| format!("{factor}x")),
        };
        causes.iter().map(|cause| one(*cause)).collect()
    }

    /// `requests`, or what limits allow, where they say more than nothing.
    pub fn needs(&mut self, resources: &Node, step: &mut Step) {
        for side in ["requests", "limits"] {
            for (name, amount) in resources.get(side).map_or(&[][..], |side| side.entries()) {
                let Some(text) = amount.text() else { continue };
                let (property, value) = match name.as_str() {
                    "cpu" => ("cores", cores(text)),
                    "memory" => ("memory", bytes(text)),
                    "ephemeral-storage" => ("disk", bytes(text)),
                    "nvidia.com/gpu" => ("gpus", text.parse::<u32>().ok().map(|count| count.to_string())),
                    _ => ("", None),
                };
                match value {
                    Some(value) if !step.needs.iter().any(|(known, _)| *known == property) => {
                        step.needs.push((property, value));
                    }
                    Some(_) => {}
                    None => self.stop(
                        amount.span,
                        &format!("`{name}: {text}`"),
                        "it is no amount of a known resource",
                    ),
                }
            }
        }
    }

    /// The deadline of a workflow bounds each of its steps.
    pub fn deadline(&mut self, node: &'t Node) {
        let text = self.text(&Scope::default(), node);
        let limit = text.constant().and_then(|text| duration(&format!("{text}s")));
        let Some(limit) = limit else {
            return self.stop(
                node.span,
                "this `activeDeadlineSeconds`",
                "a time limit is a constant",
            );
        };
        for step in &mut self.pipeline.steps {
            step.timeout.get_or_insert_with(|| limit.clone());
        }
        self.lose(
            node.span,
            "activeDeadlineSeconds",
            "it bounds each step, not all of them together",
        );
    }

    /// The image: a constant, as placement and pinning rest on it.
    pub fn image(&mut self, node: &'t Node, scope: &Scope<'t>) -> String {
        let image: Text = self.text(scope, node);
        if let Some(constant) = image.constant() {
            return constant.to_owned();
        }
        self.stop(
            node.span,
            "an image that a run decides",
            "an image is known before a run",
        );
        String::new()
    }
}

/// A duration of Go (`1h30m`, `10s`, `500ms`) or a number of seconds, as one of the language.
fn duration(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(format!("{seconds}s"));
    }
    let mut made = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?;
        let (number, after) = rest.split_at_checked(at)?;
        let unit = ["ms", "s", "m", "h", "d"]
            .into_iter()
            .find(|unit| after.starts_with(unit))?;
        made += number;
        made += if unit == "m" { "min" } else { unit };
        rest = after.get(unit.len()..)?;
    }
    Some(made).filter(|made| !made.is_empty())
}

/// A backoff: a duration, of which a bare number is in seconds.
fn seconds(text: &str) -> Option<String> {
    duration(text)
}

/// `500m` as `0.5`.
fn cores(text: &str) -> Option<String> {
    let cores: f64 = match text.strip_suffix('m') {
        Some(thousandths) => thousandths.parse::<f64>().ok()? / 1000.0,
        None => text.parse().ok()?,
    };
    Some(cores.to_string()).filter(|_| cores.is_finite() && cores > 0.0)
}

/// `64Mi` as `64MiB`.
fn bytes(text: &str) -> Option<String> {
    let at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at)?;
    number.parse::<f64>().ok()?;
    let unit = match unit {
        "" => "B",
        "k" => "kB",
        "M" => "MB",
        "G" => "GB",
        "T" => "TB",
        "Ki" => "KiB",
        "Mi" => "MiB",
        "Gi" => "GiB",
        "Ti" => "TiB",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}
