//! The columns by name.

use crate::history::attempt::Measure;

/// What a column holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Column {
    /// What tells attempts apart.
    Id,
    /// The run of the pipeline.
    Run,
    /// The pipeline.
    Pipeline,
    /// The step, or a data set.
    Step,
    /// The item of a fan-out.
    Item,
    /// Attempts before this one.
    Retries,
    /// The pod.
    Pod,
    /// The machine.
    Machine,
    /// The time.
    Started,
    /// How it ended.
    Outcome,
    /// Exit code.
    ExitCode,
    /// A number.
    Measure(Measure),
    /// A parameter of the run.
    Parameter(String),
    /// What a sample counts.
    Subject,
    /// How much it counts.
    Value,
}

/// What begins the name of a parameter's column.
pub const PARAMETER: &str = "parameter.";

/// Our names.
const NAMES: [(&str, Column); 13] = [
    ("id", Column::Id),
    ("run", Column::Run),
    ("pipeline", Column::Pipeline),
    ("step", Column::Step),
    ("item", Column::Item),
    ("retries", Column::Retries),
    ("pod", Column::Pod),
    ("machine", Column::Machine),
    ("started", Column::Started),
    ("outcome", Column::Outcome),
    ("exit_code", Column::ExitCode),
    ("subject", Column::Subject),
    ("value", Column::Value),
];

/// Names that others give to the same; a unit in the name is that of numbers without one.
const ALIASES: [(&str, Column); 17] = [
    ("workflow", Column::Pipeline),
    ("task", Column::Step),
    ("task_type", Column::Step),
    ("process", Column::Step),
    ("run_id", Column::Run),
    ("node", Column::Machine),
    ("start", Column::Started),
    ("time", Column::Started),
    ("timestamp", Column::Started),
    ("duration", Column::Measure(Measure::Seconds)),
    ("runtime_s", Column::Measure(Measure::Seconds)),
    ("duration_s", Column::Measure(Measure::Seconds)),
    ("cpus", Column::Measure(Measure::Cores)),
    ("output_bytes", Column::Measure(Measure::WrittenBytes)),
    ("mem_request_bytes", Column::Measure(Measure::MemoryRequest)),
    ("mem_peak_bytes", Column::Measure(Measure::MemoryPeak)),
    ("peak_rss", Column::Measure(Measure::MemoryPeak)),
];

impl Column {
    /// The column called `name`.
    pub fn of(name: &str) -> Option<Column> {
        if let Some(parameter) = name.strip_prefix(PARAMETER).filter(|name| !name.is_empty()) {
            return Some(Column::Parameter(parameter.to_owned()));
        }
        let measure = Measure::ALL.into_iter().find(|measure| measure.column() == name);
        let named = || NAMES.iter().chain(&ALIASES).find(|(known, _)| *known == name);
        measure
            .map(Column::Measure)
            .or_else(|| named().map(|(_, column)| column.clone()))
    }

    /// Our names of all columns.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let measures = Measure::ALL.into_iter().map(Measure::column);
        NAMES.iter().map(|(name, _)| *name).chain(measures)
    }
}
