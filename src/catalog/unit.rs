//! What prices of items are per.

use serde::Serialize;

/// What a price of an item is per.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// One of it for an hour.
    Hour,
    /// One of it for a day.
    Day,
    /// One of it for a month of 730 h.
    Month,
    /// 10⁹ bytes kept for a month of 730 h.
    GbMonth,
    /// 10⁹ bytes kept for an hour.
    GbHour,
    /// 2²⁰ bytes moved.
    Mib,
    /// 10⁹ bytes moved.
    Gb,
    /// 10¹² bytes moved.
    Tb,
    /// 2⁴⁰ bytes moved.
    Tib,
    /// Ten thousand requests.
    TenThousand,
    /// A million requests.
    Million,
    /// Not money: a factor on the machine's price.
    Factor,
}

impl Unit {
    /// Reads the unit column, in which notes follow the unit in parentheses and names of things precede `-hour`.
    pub(super) fn parse(text: &str) -> Option<Unit> {
        let unit = text.split(" (").next().unwrap_or(text);
        let first = unit.split(' ').next().unwrap_or(unit);
        Some(match (unit, first) {
            ("GB-month", _) => Unit::GbMonth,
            ("GB-hour", _) => Unit::GbHour,
            ("day", _) => Unit::Day,
            (_, "GB") => Unit::Gb,
            (_, "TB") => Unit::Tb,
            (_, "TiB") => Unit::Tib,
            (_, "MiB") => Unit::Mib,
            (_, "10k") => Unit::TenThousand,
            (_, "million") => Unit::Million,
            (_, "multiplier") => Unit::Factor,
            _ if unit.ends_with("hour") => Unit::Hour,
            _ if unit.ends_with("-month") => Unit::Month,
            _ => return None,
        })
    }
}
