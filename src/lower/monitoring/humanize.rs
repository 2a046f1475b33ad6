//! What Prometheus' template functions make of a number. The generated unit tests state whole annotations, values
//! included, so they need the same text (prometheus/template/template.go and util/convert).

use super::promql::number;
use crate::quantity::{Percent, Seconds};

/// How a value stands in an annotation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Show {
    /// `1.2M`
    Number,
    /// `12.5%`
    Share,
    /// `6h 30m 0s`
    Time,
}

impl Show {
    /// The template that shows the alert's value.
    pub fn template(self) -> &'static str {
        match self {
            Show::Number => "{{ $value | humanize }}",
            Show::Share => "{{ $value | humanizePercentage }}",
            Show::Time => "{{ $value | humanizeDuration }}",
        }
    }

    /// A bound as its author would write it.
    pub fn bound(self, value: f64) -> String {
        match self {
            Show::Number => number(value),
            Show::Share => Percent(value).to_string(),
            Show::Time => Seconds(value).to_string(),
        }
    }

    /// What that template makes of `value`.
    pub fn text(self, value: f64) -> String {
        match self {
            Show::Number => si(value),
            Show::Share => format!("{}%", significant(value * 100.0)),
            Show::Time => time(value),
        }
    }
}

fn si(value: f64) -> String {
    if value == 0.0 {
        return significant(value);
    }
    let (prefixes, factor) = if value.abs() >= 1.0 {
        (["k", "M", "G", "T", "P", "E", "Z", "Y"], 1e-3)
    } else {
        (["m", "u", "n", "p", "f", "a", "z", "y"], 1e3)
    };
    let mut scaled = value;
    let mut prefix = "";
    for next in prefixes {
        let enough = if value.abs() >= 1.0 {
            scaled.abs() < 1e3
        } else {
            scaled.abs() >= 1.0
        };
        if enough {
            break;
        }
        prefix = next;
        scaled *= factor;
    }
    significant(scaled) + prefix
}

fn time(value: f64) -> String {
    if value.abs() < 1.0 {
        return si(value) + "s";
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as u64;
    let (days, hours) = (whole / 86_400, whole / 3_600 % 24);
    let (minutes, seconds) = (whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => significant(value) + "s",
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, _, _) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        (_, _, _) => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

/// `%.4g` of C and Go.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{value:.3e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..4).contains(&exponent) {
        let decimals = (3 - exponent).max(0) as usize;
        trim(&format!("{value:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

fn trim(digits: &str) -> String {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        digits.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Show;

    #[test]
    fn numbers_read_as_prometheus_writes_them() {
        assert_eq!(Show::Number.text(1_300_000.0), "1.3M");
        assert_eq!(Show::Number.text(0.425), "425m");
        assert_eq!(Show::Number.text(130.0), "130");
        assert_eq!(Show::Share.text(1.0), "100%");
        assert_eq!(Show::Share.text(0.01234567), "1.235%");
        assert_eq!(Show::Time.text(23_400.0), "6h 30m 0s");
        assert_eq!(Show::Time.text(0.8), "800ms");
        assert_eq!(Show::Time.text(1.5), "1.5s");
    }
}
