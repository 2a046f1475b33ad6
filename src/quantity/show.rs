//! Writing quantities for people: the form `fmt` uses, rounded to what is worth reading.

use std::fmt;

use super::{Bytes, BytesPerSecond, Cores, MicroUsd, PerSecond, Percent, Seconds};

/// Three significant figures without an exponent or trailing zeros.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The largest unit in which the value is at least one.
fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let (factor, name) = units
        .iter()
        .rev()
        .find(|(factor, _)| value.abs() >= *factor)
        .or(units.first())
        .copied()
        .unwrap_or((1.0, ""));
    format!("{}{name}", short(value / factor))
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (1.0, "B"),
            (1024.0, "KiB"),
            (1_048_576.0, "MiB"),
            (1_073_741_824.0, "GiB"),
            (1_099_511_627_776.0, "TiB"),
            (1_125_899_906_842_624.0, "PiB"),
        ];
        f.pad(&scaled(self.as_f64(), &units))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = (self.0 / 60.0).round() as i64;
        let text = match self.0 {
            s if s < 1.0 => format!("{}ms", short(s * 1000.0)),
            s if s < 90.0 => format!("{}s", short(s)),
            s if s < 3600.0 => format!("{minutes}min"),
            s if s < 48.0 * 3600.0 => format!("{}h{:02}", minutes / 60, minutes % 60),
            s => format!("{}d", short(s / 86_400.0)),
        };
        f.pad(&text)
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded first: nothing is shown as `-0.00`.
        let cents = (self.0 as f64 / 1e4).round();
        f.pad(&format!("{:.2}", cents / 100.0 + 0.0))
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&short(self.0))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = format!("{:.4}", self.0 * 100.0);
        f.pad(&format!(
            "{}%",
            percent.trim_end_matches('0').trim_end_matches('.')
        ))
    }
}

impl fmt::Display for PerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", short(self.0)))
    }
}

impl fmt::Display for BytesPerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!(
            "{}bit/s",
            scaled(
                self.0 * 8.0,
                &[(1.0, ""), (1e3, "K"), (1e6, "M"), (1e9, "G"), (1e12, "T")]
            )
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_largest_fitting_unit() {
        assert_eq!(Bytes(4 << 40).to_string(), "4TiB");
        assert_eq!(Bytes::gib(1.5).to_string(), "1.5GiB");
        assert_eq!(Seconds(6130.0).to_string(), "1h42");
        assert_eq!(Seconds(0.08).to_string(), "80ms");
        assert_eq!(MicroUsd::usd(412.176).to_string(), "412.18");
        assert_eq!(Percent(0.999).to_string(), "99.9%");
        assert_eq!(BytesPerSecond(1.25e9).to_string(), "10Gbit/s");
    }
}
