//! A table of measurements: a row for each time, a column for each series.

use std::collections::BTreeMap;
use std::fmt;

/// Of which node, which metric.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SeriesName {
    /// A step, a service, a pool: as in the dependency graph.
    pub node: String,
    /// As the monitoring system calls it.
    pub metric: String,
}

impl SeriesName {
    /// `node|metric`; the last bar divides. `None` if there is none or a side is empty.
    pub fn parse(text: &str) -> Option<SeriesName> {
        let (node, metric) = text.rsplit_once('|')?;
        (!node.is_empty() && !metric.is_empty()).then(|| SeriesName {
            node: node.to_owned(),
            metric: metric.to_owned(),
        })
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.node, self.metric)
    }
}

/// All series over the same times. What was not measured is NaN.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Seconds since 1970, ascending.
    pub times: Vec<f64>,
    /// One a series, each as long as `times`.
    columns: Vec<Vec<f64>>,
    names: Vec<SeriesName>,
    positions: BTreeMap<SeriesName, usize>,
}

/// A line of a file that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// Nothing of the file can be used.
    pub fatal: bool,
}

impl Metrics {
    /// Reads CSV: `time`, then a column `node|metric` for each series; times are seconds since 1970. Empty cells and
    /// `NaN` were not measured. Rows may stand in any order; of two rows of one time the later one holds.
    ///
    /// What can be read is returned, with every mistake.
    pub fn read(text: &str) -> (Metrics, Vec<Mistake>) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut mistakes = Vec::new();
        let (names, places) = match reader.headers() {
            Ok(header) => columns(header, &mut mistakes),
            Err(error) => {
                mistakes.push(fatal(1, error.to_string()));
                return (Metrics::default(), mistakes);
            }
        };
        if mistakes.iter().any(|mistake| mistake.fatal) {
            return (Metrics::default(), mistakes);
        }
        let mut rows: Vec<(f64, Vec<f64>)> = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {
                    let line = record.position().map_or(0, line_of);
                    rows.extend(row(&record, &places, line, &mut mistakes));
                }
                Err(error) => {
                    let line = error.position().map_or(0, line_of);
                    mistakes.push(mistake(line, error.to_string()));
                }
            }
        }
        (Metrics::new(names, rows), mistakes)
    }

    fn new(names: Vec<SeriesName>, mut rows: Vec<(f64, Vec<f64>)>) -> Metrics {
        // Stable, so that of two rows of one time the later one is the last.
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.reverse();
        rows.dedup_by(|later, kept| later.0 == kept.0);
        rows.reverse();
        let mut columns = vec![Vec::with_capacity(rows.len()); names.len()];
        for (_, values) in &rows {
            for (column, value) in columns.iter_mut().zip(values) {
                column.push(*value);
            }
        }
        let positions = names.iter().cloned().zip(0..).collect();
        Metrics {
            times: rows.iter().map(|(time, _)| *time).collect(),
            columns,
            names,
            positions,
        }
    }

    /// Series with times of their own, each in order. What two say of one name and time is the greater of both: replicas of
    /// a server say the same, and of parts of a thing the worst is felt.
    pub fn of(series: Vec<(SeriesName, Vec<(f64, f64)>)>) -> Metrics {
        let mut times: Vec<f64> = Vec::new();
        for (_, samples) in &series {
            // Most series have the times of the one before.
            let known = samples.len() == times.len()
                && samples.iter().zip(&times).all(|((time, _), known)| time == known);
            if !known {
                times.extend(samples.iter().map(|(time, _)| time));
                times.sort_by(f64::total_cmp);
                times.dedup();
            }
        }
        let mut columns: BTreeMap<SeriesName, Vec<f64>> = BTreeMap::new();
        for (name, samples) in series {
            let column = columns.entry(name).or_insert_with(|| vec![f64::NAN; times.len()]);
            let mut rows = times.iter().zip(column);
            for (time, value) in samples {
                let Some((_, cell)) = rows.find(|(row, _)| **row == time) else {
                    break;
                };
                // The greater of a number and NaN is the number.
                *cell = cell.max(value);
            }
        }
        Metrics {
            times,
            positions: columns.keys().cloned().zip(0..).collect(),
            names: columns.keys().cloned().collect(),
            columns: columns.into_values().collect(),
        }
    }

    /// Both tables as one, over the times of both.
    pub fn beside(self, other: Metrics) -> Metrics {
        if self.names.is_empty() || other.names.is_empty() {
            return if self.names.is_empty() { other } else { self };
        }
        let series = |table: Metrics| {
            let samples = |column: Vec<f64>| table.times.iter().copied().zip(column).collect();
            let columns = table.columns.into_iter().map(samples);
            table.names.into_iter().zip(columns).collect::<Vec<_>>()
        };
        Metrics::of([series(self), series(other)].concat())
    }

    /// All series with their values, one a row.
    pub fn series(&self) -> impl Iterator<Item = (&SeriesName, &[f64])> {
        self.names.iter().zip(self.columns.iter().map(Vec::as_slice))
    }

    /// The values of `name`, one a row.
    pub fn column(&self, name: &SeriesName) -> Option<&[f64]> {
        let position = *self.positions.get(name)?;
        self.columns.get(position).map(Vec::as_slice)
    }
}

fn line_of(position: &csv::Position) -> usize {
    usize::try_from(position.line()).unwrap_or(usize::MAX)
}

/// The series, and for each field of a row the column it belongs to.
fn columns(header: &csv::StringRecord, mistakes: &mut Vec<Mistake>) -> (Vec<SeriesName>, Vec<Option<usize>>) {
    if header.get(0).map(str::trim) != Some("time") {
        mistakes.push(fatal(1, "the first column is not `time`"));
    }
    let mut names: Vec<SeriesName> = Vec::new();
    let mut seen = BTreeMap::new();
    let places = header
        .iter()
        .skip(1)
        .map(|title| {
            let Some(name) = SeriesName::parse(title.trim()) else {
                mistakes.push(mistake(
                    1,
                    format!("column `{title}` is not of the form `node|metric`"),
                ));
                return None;
            };
            if seen.insert(name.clone(), ()).is_some() {
                mistakes.push(mistake(
                    1,
                    format!("there are two columns `{title}`; the first is used"),
                ));
                return None;
            }
            names.push(name);
            Some(names.len() - 1)
        })
        .collect();
    (names, places)
}

fn row(
    record: &csv::StringRecord,
    places: &[Option<usize>],
    line: usize,
    mistakes: &mut Vec<Mistake>,
) -> Option<(f64, Vec<f64>)> {
    let time = record.get(0).unwrap_or_default().trim();
    let Some(time) = time.parse::<f64>().ok().filter(|time| time.is_finite()) else {
        mistakes.push(mistake(
            line,
            format!("`{time}` is not a time in seconds since 1970"),
        ));
        return None;
    };
    let mut values = vec![f64::NAN; places.iter().flatten().count()];
    let mut bad = None;
    for (field, place) in record.iter().skip(1).zip(places) {
        let Some(value) = place.and_then(|place| values.get_mut(place)) else {
            continue;
        };
        let field = field.trim();
        if field.is_empty() {
            continue;
        }
        match field.parse::<f64>() {
            Ok(number) if number.is_infinite() => *value = f64::NAN,
            Ok(number) => *value = number,
            Err(_) => bad = bad.or(Some(field)),
        }
    }
    if let Some(field) = bad {
        mistakes.push(mistake(
            line,
            format!("`{field}` is not a number; it counts as not measured"),
        ));
    }
    if record.len() > places.len() + 1 {
        mistakes.push(mistake(
            line,
            "has more fields than the header has columns".to_owned(),
        ));
    }
    Some((time, values))
}

fn mistake(line: usize, message: impl Into<String>) -> Mistake {
    Mistake {
        line,
        message: message.into(),
        fatal: false,
    }
}

fn fatal(line: usize, message: impl Into<String>) -> Mistake {
    Mistake {
        fatal: true,
        ..mistake(line, message)
    }
}
