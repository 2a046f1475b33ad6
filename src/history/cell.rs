//! A number as people and tools write it.

use super::attempt::Unit;

/// Units of bytes. Capital letters with a bare `B` are powers of 1024, as Nextflow and the JVM write them.
const BYTES: [(&str, f64); 15] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("KB", 1024.0),
    ("MB", 1_048_576.0),
    ("GB", 1_073_741_824.0),
    ("TB", 1_099_511_627_776.0),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
];

const SECONDS: [(&str, f64); 6] = [
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

/// The number that `text` writes, in base units; `bare` is what one unit of a number without a unit is. Several
/// parts add up (`1h 5m`); a percent sign divides by a hundred. `None` if it is no number; an absent value (empty, `-`)
/// must be told apart before.
pub fn number(text: &str, unit: Unit, bare: f64) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Some(number * bare);
    }
    let table: &[(&str, f64)] = match unit {
        Unit::Bytes => &BYTES,
        Unit::Seconds => &SECONDS,
        Unit::Number => &[("%", 0.01), ("m", 1e-3)],
    };
    let mut sum = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)))?;
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let end = after
            .find(|c: char| !(c.is_ascii_alphabetic() || c == '%'))
            .unwrap_or(after.len());
        let (name, next) = after.split_at_checked(end)?;
        let (_, factor) = table.iter().find(|(unit, _)| *unit == name)?;
        sum += number.parse::<f64>().ok()? * factor;
        rest = next.trim_start();
    }
    (!text.is_empty()).then_some(sum)
}

/// True if a cell says that nothing was measured.
pub fn absent(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "null" | "N/A" | "n/a" | "NA")
}
