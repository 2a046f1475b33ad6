//! What is wrong, in one line, where a part of the line may be a label that only the series tells.

use std::collections::BTreeMap;

use super::promql::inert;

/// The parts of the line.
#[derive(Clone, Debug, Default)]
pub struct Summary(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    /// The value that the series which fires has for this label.
    Label(&'static str),
}

impl From<String> for Summary {
    fn from(text: String) -> Summary {
        Summary(vec![Part::Text(text)])
    }
}

impl Summary {
    /// `text`, and then the value of `label`.
    pub fn with_label(text: &str, label: &'static str) -> Summary {
        Summary(vec![Part::Text(text.to_owned()), Part::Label(label)])
    }

    /// Goes on with `text`.
    pub fn and(mut self, text: String) -> Summary {
        self.0.push(Part::Text(text));
        self
    }

    /// As a template of Prometheus.
    pub fn template(&self) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => inert(text),
            Part::Label(label) => format!("{{{{ $labels.{label} }}}}"),
        });
        parts.collect()
    }

    /// What the template makes of these labels.
    pub fn text(&self, labels: &BTreeMap<String, String>) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Label(label) => labels.get(*label).map_or("", String::as_str),
        });
        parts.collect()
    }
}
