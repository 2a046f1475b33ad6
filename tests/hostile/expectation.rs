//! What is to be expected of a text that is taken: the few places where it is not simply found in the output.

use super::target::Target;

/// What comes of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// It is in the output, which is otherwise the same.
    Written,
    /// The output is otherwise the same, and need not have it.
    Dropped,
    /// It decides what is made: the output can be read, and no more is said.
    Decides,
}

/// Beginnings of places whose text is not passed on as it is, by reason.
const DROPPED: &[(&str, &[&str])] = &[
    (
        "said to those who read the source, in messages and in comments",
        &[
            "platform/waive",
            "writes/declassify reason",
            "data/description",
            "top-level/template",
            "step/use argument",
            "top-level/include",
            "top-level/test",
            "test/given",
            "top-level/pipeline was",
            "pipeline/data was",
            "pipeline/step was",
            "pipeline/endpoint was",
            "platform/cluster was",
            "cluster/nodes was",
            "step/build source",
            "emits/field",
        ],
    ),
    (
        "used to predict, to place and to draw",
        &[
            "step/model",
            "data/format",
            "step/writes format",
            "data/partitions",
            "platform/catalog",
            "region/reservation",
            "data/traffic",
            "step/traffic",
            "each/sample",
        ],
    ),
    ("names a file, whose content counts", &["pipeline/overlay"]),
    (
        "that it is there is what counts",
        &["platform/monitoring", "step/build dockerfile"],
    ),
    (
        "checks what is given at the start of a run",
        &["pipeline/parameter min", "pipeline/parameter max"],
    ),
    (
        "names something after it, or is shown, in the form that the other demands",
        &[
            "receiver/page repository",
            "receiver/ticket repository",
            "receiver/info repository",
            "pipeline/data argument",
            "step/reads argument",
            "step/writes argument",
        ],
    ),
    (
        "understood, and said to have no effect yet (`unsupported.node`)",
        &["pipeline/trigger", "step/description"],
    ),
];

/// Beginnings of places whose text decides what is made, by reason.
const DECIDES: &[(&str, &[&str])] = &[
    (
        "the address says which service it is, and who may read it",
        &[
            "data/at uri",
            "cluster/bucket argument",
            "region/cluster existing",
        ],
    ),
    (
        "the name of a model or a machine is looked up for its size",
        &["step/model argument", "nodes machine", "region/reservation"],
    ),
    (
        "what is said of a model is predicted from, and a report has a median where it is not the upper figure",
        &["step/model any name"],
    ),
    (
        "a country is a place on the map of the report",
        &[
            "data/residency",
            "writes/residency",
            "platform/cluster jurisdiction",
        ],
    ),
    (
        "a rule has the parts that its expression asks for",
        &["monitor/alert when", "monitor/alert query", "step/when"],
    ),
];

impl Target {
    /// What is to be expected of a text there. Texts inside conditions and queries are data like others.
    pub fn expectation(&self) -> Expectation {
        let listed = |list: &[(&str, &[&str])], place: &String| {
            let mut starts = list.iter().flat_map(|(_, starts)| starts.iter());
            starts.any(|start| place.starts_with(start))
        };
        // As the program of an image that is built, `python` brings its arguments along.
        if self.quoting.is_none()
            && (self.text == "python" || self.places.iter().any(|place| listed(DECIDES, place)))
        {
            Expectation::Decides
        } else if self.places.iter().all(|place| listed(DROPPED, place)) {
            Expectation::Dropped
        } else {
            Expectation::Written
        }
    }
}
