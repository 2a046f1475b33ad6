//! The CSV of `portolan.history`, and any CSV of a user's with the same columns.
//!
//! One row is one attempt, or, where `subject` is filled in, one sample of load. Columns may stand in any order and be
//! left out; `step` and something measured must be there.
//!
//! | column | holds |
//! |---|---|
//! | `id` | tells attempts apart; without it, one is made from the row |
//! | `run` `pipeline` `step` `item` `retries` | what ran; the item of a fan-out; attempts before this one |
//! | `pod` `machine` | its pod; kind of machine |
//! | `started` | RFC 3339, or seconds or milliseconds since 1970; of a sample, its time |
//! | `outcome` `exit_code` | `succeeded`, `out-of-memory`, `interrupted`, `failed` |
//! | `seconds` `core_seconds` | run time; core-seconds used |
//! | `input_bytes` `read_bytes` `written_bytes` `network_in_bytes` `network_out_bytes` | sizes; a unit may follow the number |
//! | `cores` `memory_request_bytes` `memory_peak_bytes` | given, given, most held |
//! | `gpus` `gpu_memory_peak_bytes` `gpu_busy` | given; most held on one; share of the time busy |
//! | `parameter.NAME` | a parameter of the run |
//! | `subject` `value` | of a sample: `requests_per_second` of a step, or `bytes` of a data set that stands in `step` |

mod column;
mod row;
mod write;

pub use write::text;

use csv::StringRecord;

use self::column::Column;
use super::fault::Faults;
use super::{Read, sift};
use crate::diag::suggest::did_you_mean;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span};

/// What a file is read with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults<'d> {
    /// The pipeline of rows that name none.
    pub pipeline: &'d str,
}

/// Reads a CSV. Rows and values that cannot be used are reported and left out.
pub fn read(sources: &SourceMap, file: SourceId, defaults: Defaults<'_>, out: &mut Diagnostics) -> Read {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    // Spreadsheets write a byte-order mark.
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut faults = Faults::of(file, out);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.get(skipped..).unwrap_or_default().as_bytes());
    let place = Place { text, file, skipped };
    let mut read = Read::default();
    let header = reader.headers().cloned().unwrap_or_default();
    if let Some(columns) = columns(&header, place, &mut faults) {
        rows(&mut reader, &columns, place, defaults, &mut read, &mut faults);
    }
    sift::sift(&mut read, sources, &mut faults);
    faults.finish();
    read
}

/// Where rows lie in the text of a file.
#[derive(Clone, Copy)]
struct Place<'t> {
    text: &'t str,
    file: SourceId,
    /// Bytes before the first that the reader saw.
    skipped: usize,
}

impl Place<'_> {
    /// A row, or a cell of it that holds this text.
    fn of(self, record: &StringRecord, cell: Option<&str>) -> Span {
        let start = self.skipped + record.position().map_or(0, |at| at.byte() as usize);
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = rest.get(..line).unwrap_or_default();
        let cell = cell.filter(|cell| !cell.is_empty());
        let found = cell.and_then(|cell| Some((line.find(cell)?, cell.len())));
        let (offset, length) = found.unwrap_or((0, line.len()));
        Span::new(self.file, start + offset, length)
    }
}

/// What each column holds; `None` if what must be there is not.
fn columns(header: &StringRecord, place: Place<'_>, faults: &mut Faults<'_>) -> Option<Vec<Option<Column>>> {
    let columns: Vec<Option<Column>> = header.iter().map(Column::of).collect();
    let missing = |what: &str, help: &str, faults: &mut Faults<'_>| {
        faults.push(
            Diagnostic::new(
                Code::HistoryColumns,
                place.of(header, None),
                "the header",
                format!("there is no column for {what}"),
            )
            .help(help),
        );
    };
    let has = |wanted: fn(&Column) -> bool| columns.iter().flatten().any(wanted);
    if !has(|column| *column == Column::Step) {
        missing("the step", "name one `step`", faults);
        return None;
    }
    if !has(|column| matches!(column, Column::Measure(_) | Column::Value)) {
        missing(
            "anything measured",
            "name one `seconds` or `memory_peak_bytes`",
            faults,
        );
        return None;
    }
    for (name, _) in header.iter().zip(&columns).filter(|(_, column)| column.is_none()) {
        let near = did_you_mean(name, Column::names());
        faults.push(
            Diagnostic::new(
                Code::HistoryColumn,
                place.of(header, Some(name)),
                "passed over",
                format!("no column is called `{name}`"),
            )
            .help(
                near.unwrap_or_else(|| {
                    format!("if it is a parameter of the run, call it `parameter.{name}`")
                }),
            ),
        );
    }
    Some(columns)
}

fn rows(
    reader: &mut csv::Reader<&[u8]>,
    columns: &[Option<Column>],
    place: Place<'_>,
    defaults: Defaults<'_>,
    read: &mut Read,
    faults: &mut Faults<'_>,
) {
    for record in reader.records() {
        match record {
            Ok(record) => row::read(&record, columns, place, defaults, read, faults),
            Err(error) => faults.push(Diagnostic::new(
                Code::HistoryRow,
                Span::new(place.file, 0, 0),
                "in this file",
                format!("a row cannot be read: {error}"),
            )),
        }
    }
}
