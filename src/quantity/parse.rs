//! Reading quantities as the language writes them: a number and its unit in one string.

use super::{Bytes, BytesPerSecond, Cores, Grams, MONTH, MicroUsd, PerSecond, Percent, Seconds};

/// What a place asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuantityType {
    /// `"800GiB"`
    Bytes,
    /// `"1h30min"`
    Duration,
    /// `"400/s"`
    Rate,
    /// `"10Gbit/s"`
    Bandwidth,
    /// `"1.10 USD/hour"`
    Money,
    /// `"99.9%"`
    Percent,
    /// `"2%/month"`
    Growth,
    /// `"2x"`
    Factor,
    /// `"90g/kWh"`, `"40kg/month"`
    Carbon,
}

/// Why a text is not the quantity that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QuantityError {
    /// There is no number at the front.
    NoNumber,
    /// A number without a unit.
    NoUnit,
    /// The unit is none of this type's; it may be another type's.
    Unit {
        /// The unit as typed.
        unit: String,
        /// The type whose unit it is, if any.
        belongs_to: Option<QuantityType>,
    },
    /// A lone `m`: minutes are `min`, metres and months are not meant.
    LoneM,
}

/// A quantity of any type, in base units.
#[derive(Clone, PartialEq, Debug)]
pub enum Quantity {
    /// Bytes.
    Bytes(Bytes),
    /// Seconds.
    Duration(Seconds),
    /// Per second.
    Rate(PerSecond),
    /// Bytes per second.
    Bandwidth(BytesPerSecond),
    /// An amount, its currency, and the period or unit it is per.
    Money {
        /// Amount in millionths of the currency.
        amount: MicroUsd,
        /// ISO 4217 code.
        currency: String,
        /// `hour day month run GB request`, or none.
        per: Option<Per>,
    },
    /// A share.
    Percent(Percent),
    /// Share per 730 h month.
    Growth(Percent),
    /// A bare factor.
    Factor(f64),
    /// Grams, and what they are per.
    Carbon {
        /// Grams of CO2 equivalent.
        amount: Grams,
        /// `kWh`, `run` or `month`.
        per: Per,
    },
}

impl Quantity {
    /// The bare amount in base units: B, s, 1/s, B/s, millionths of the currency, shares, g.
    pub fn base(&self) -> f64 {
        match self {
            Quantity::Bytes(bytes) => bytes.as_f64(),
            Quantity::Duration(seconds) => seconds.0,
            Quantity::Rate(rate) => rate.0,
            Quantity::Bandwidth(bandwidth) => bandwidth.0,
            Quantity::Money { amount, .. } => amount.0 as f64,
            Quantity::Percent(share) | Quantity::Growth(share) => share.0,
            Quantity::Factor(factor) => *factor,
            Quantity::Carbon { amount, .. } => amount.0,
        }
    }
}

/// What an amount is per.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// Machine hour.
    Hour,
    /// Day.
    Day,
    /// Month of 730 h.
    Month,
    /// One run of the pipeline.
    Run,
    /// 10⁹ bytes moved.
    Gb,
    /// One request.
    Request,
    /// Kilowatt-hour.
    KWh,
}

impl Per {
    fn parse(text: &str) -> Option<Per> {
        Some(match text {
            "hour" => Per::Hour,
            "day" => Per::Day,
            "month" => Per::Month,
            "run" => Per::Run,
            "GB" => Per::Gb,
            "request" => Per::Request,
            "kWh" => Per::KWh,
            _ => return None,
        })
    }
}

const BYTE_UNITS: [(&str, f64); 11] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("PB", 1e15),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
];
const TIME_UNITS: [(&str, f64); 7] = [
    ("ms", 0.001),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_536_000.0),
];
const BIT_UNITS: [(&str, f64); 4] = [("Kbit", 125.0), ("Mbit", 125e3), ("Gbit", 125e6), ("Tbit", 125e9)];
const RATE_UNITS: [(&str, f64); 4] = [("/s", 1.0), ("/min", 60.0), ("/hour", 3600.0), ("/day", 86_400.0)];
const GROWTH_UNITS: [(&str, f64); 4] = [
    ("%/day", 86_400.0),
    ("%/week", 604_800.0),
    ("%/month", MONTH.0),
    ("%/year", 31_536_000.0),
];

fn unit(table: &[(&str, f64)], name: &str) -> Option<f64> {
    table
        .iter()
        .find(|(unit, _)| *unit == name)
        .map(|(_, factor)| *factor)
}

/// Splits a leading number (`_` groups digits, `e` is an exponent) from what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = usize::from(bytes.first().is_some_and(|b| *b == b'-' || *b == b'+'));
    while digit(end) || (bytes.get(end).is_some_and(|b| matches!(b, b'_' | b'.')) && digit(end + 1)) {
        end += 1;
    }
    if bytes.get(end).is_some_and(|b| matches!(b, b'e' | b'E')) {
        let sign = usize::from(bytes.get(end + 1).is_some_and(|b| matches!(b, b'-' | b'+')));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    let (digits, rest) = text.split_at_checked(end)?;
    let value: f64 = digits.replace('_', "").parse().ok()?;
    value.is_finite().then_some((value, rest.trim_start()))
}

/// Reads `text` as a quantity of type `kind`.
///
/// # Errors
/// Says whether the number or the unit is missing, and whose unit was typed instead.
pub fn parse(kind: QuantityType, text: &str) -> Result<Quantity, QuantityError> {
    let (value, rest) = number(text).ok_or(QuantityError::NoNumber)?;
    let rest = rest.trim_end();
    if rest.is_empty() {
        return Err(QuantityError::NoUnit);
    }
    read(kind, value, rest).ok_or_else(|| {
        if rest == "m" {
            return QuantityError::LoneM;
        }
        let belongs_to = ALL
            .into_iter()
            .find(|other| *other != kind && read(*other, value, rest).is_some());
        QuantityError::Unit {
            unit: rest.to_owned(),
            belongs_to,
        }
    })
}

const ALL: [QuantityType; 9] = [
    QuantityType::Bytes,
    QuantityType::Duration,
    QuantityType::Rate,
    QuantityType::Bandwidth,
    QuantityType::Money,
    QuantityType::Growth,
    QuantityType::Percent,
    QuantityType::Factor,
    QuantityType::Carbon,
];

fn read(kind: QuantityType, value: f64, rest: &str) -> Option<Quantity> {
    let tight = rest.replace(" /", "/").replace("/ ", "/");
    let rest = tight.as_str();
    match kind {
        QuantityType::Bytes => {
            unit(&BYTE_UNITS, rest).map(|factor| Quantity::Bytes(Bytes::round(value * factor)))
        }
        QuantityType::Duration => duration(value, rest).map(|seconds| Quantity::Duration(Seconds(seconds))),
        QuantityType::Rate => unit(&RATE_UNITS, rest).map(|period| Quantity::Rate(PerSecond(value / period))),
        QuantityType::Bandwidth => {
            let per_second = rest.strip_suffix("/s")?;
            let factor = unit(&BIT_UNITS, per_second).or_else(|| unit(&BYTE_UNITS, per_second))?;
            Some(Quantity::Bandwidth(BytesPerSecond(value * factor)))
        }
        QuantityType::Money => money(value, rest),
        QuantityType::Percent => (rest == "%").then_some(Quantity::Percent(Percent(value / 100.0))),
        QuantityType::Growth => {
            let period = unit(&GROWTH_UNITS, rest)?;
            // Compounded to a month: 1 %/day is more than 30 %/month.
            let monthly = (1.0 + value / 100.0).max(0.0).powf(MONTH.0 / period) - 1.0;
            Some(Quantity::Growth(Percent(monthly)))
        }
        QuantityType::Factor => (rest == "x").then_some(Quantity::Factor(value)),
        QuantityType::Carbon => {
            let (mass, per) = rest.split_once('/')?;
            let grams = unit(&[("g", 1.0), ("kg", 1e3), ("t", 1e6)], mass)?;
            let per = Per::parse(per).filter(|per| matches!(per, Per::KWh | Per::Run | Per::Month))?;
            Some(Quantity::Carbon {
                amount: Grams(value * grams),
                per,
            })
        }
    }
}

/// `h` or `h30min`: the first number is already read.
fn duration(value: f64, rest: &str) -> Option<f64> {
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let (name, tail) = rest.split_at_checked(end)?;
    let seconds = value * unit(&TIME_UNITS, name)?;
    if tail.trim().is_empty() {
        return Some(seconds);
    }
    let (next, rest) = number(tail)?;
    Some(seconds + duration(next, rest)?)
}

fn money(value: f64, rest: &str) -> Option<Quantity> {
    let (currency, per) = match rest.split_once('/') {
        Some((currency, per)) => (
            currency,
            Some(Per::parse(per).filter(|per| !matches!(per, Per::KWh))?),
        ),
        None => (rest, None),
    };
    let iso = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    iso.then(|| Quantity::Money {
        amount: MicroUsd::usd(value),
        currency: currency.to_owned(),
        per,
    })
}

/// Cores are written as bare numbers; this keeps the clamp in one place.
impl From<f64> for Cores {
    fn from(cores: f64) -> Self {
        Cores(if cores > 0.0 { cores } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_told_apart() {
        let ok = |kind, text| parse(kind, text).ok();
        assert_eq!(
            ok(QuantityType::Bytes, "4TiB"),
            Some(Quantity::Bytes(Bytes(4 << 40)))
        );
        assert_eq!(
            ok(QuantityType::Duration, "1h30min"),
            Some(Quantity::Duration(Seconds(5400.0)))
        );
        assert_eq!(
            ok(QuantityType::Rate, "400/s"),
            Some(Quantity::Rate(PerSecond(400.0)))
        );
        assert_eq!(
            ok(QuantityType::Growth, "2 % / month"),
            ok(QuantityType::Growth, "2%/month")
        );
        assert_eq!(
            ok(QuantityType::Bandwidth, "10Gbit/s"),
            Some(Quantity::Bandwidth(BytesPerSecond(1.25e9)))
        );
        assert_eq!(
            ok(QuantityType::Percent, "99.9%"),
            Some(Quantity::Percent(Percent(0.9990000000000001)))
        );
        let budget = ok(QuantityType::Money, "3_000 USD/month");
        let usd = Quantity::Money {
            amount: MicroUsd::usd(3000.0),
            currency: "USD".into(),
            per: Some(Per::Month),
        };
        assert_eq!(budget, Some(usd));
        let wrong = parse(QuantityType::Bytes, "32h");
        let unit = QuantityError::Unit {
            unit: "h".into(),
            belongs_to: Some(QuantityType::Duration),
        };
        assert_eq!(wrong, Err(unit));
        assert_eq!(parse(QuantityType::Duration, "5m"), Err(QuantityError::LoneM));
        assert_eq!(parse(QuantityType::Bytes, "GiB"), Err(QuantityError::NoNumber));
    }
}
