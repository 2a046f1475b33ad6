//! Quantities: numbers that know their unit.
//!
//! Money is whole micro-dollars and sizes are whole bytes, so that sums do not depend on their order. What is
//! measured or predicted (cores, seconds, rates) is a float that is never NaN: constructors clamp.

mod parse;
mod show;

pub use parse::{Per, Quantity, QuantityError, QuantityType, parse};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Implements the arithmetic that a quantity of the same unit allows: sum, difference, scaling.
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// Nothing of it.
            pub const ZERO: $name = $name(0 as $inner);

            /// The greater of two.
            pub fn max(self, other: Self) -> Self {
                if other > self { other } else { self }
            }

            /// The lesser of two.
            pub fn min(self, other: Self) -> Self {
                if other < self { other } else { self }
            }
        }

        impl std::ops::Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                $name(self.0 + other.0)
            }
        }

        impl std::ops::AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold($name::ZERO, |total, item| total + item)
            }
        }
    };
}

quantity! {
    /// Virtual cores (hardware threads as clouds sell them); fractions are allowed.
    Cores(f64)
}
quantity! {
    /// Seconds.
    Seconds(f64)
}
quantity! {
    /// Events (requests, rows) per second.
    PerSecond(f64)
}
quantity! {
    /// Bytes per second.
    BytesPerSecond(f64)
}
quantity! {
    /// Grams of CO2 equivalent.
    Grams(f64)
}

/// Bytes; sums saturate instead of wrapping.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// Micro-dollars (10⁻⁶ USD). Signed, because savings and differences are money too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

/// A share of one; `Percent(0.05)` is 5 %.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Percent(pub f64);

/// Seconds in the month that prices use (730 h).
pub const MONTH: Seconds = Seconds(730.0 * 3600.0);

impl Bytes {
    /// No bytes.
    pub const ZERO: Bytes = Bytes(0);

    /// The nearest whole number of bytes; NaN and negative numbers become 0.
    pub fn round(bytes: f64) -> Bytes {
        Bytes(if bytes > 0.0 { bytes.round() as u64 } else { 0 })
    }

    /// `n` GiB.
    pub fn gib(n: f64) -> Bytes {
        Bytes::round(n * 1_073_741_824.0)
    }

    /// As a float, for arithmetic with rates.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// In GiB.
    pub fn in_gib(self) -> f64 {
        self.as_f64() / 1_073_741_824.0
    }

    /// In GB (10⁹), the unit in which clouds bill transfer.
    pub fn in_gb(self) -> f64 {
        self.as_f64() / 1e9
    }

    /// Scaled and rounded.
    pub fn times(self, factor: f64) -> Bytes {
        Bytes::round(self.as_f64() * factor)
    }
}

impl std::ops::Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_add(other.0))
    }
}

impl std::ops::AddAssign for Bytes {
    fn add_assign(&mut self, other: Bytes) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(items: I) -> Bytes {
        items.fold(Bytes::ZERO, |total, item| total + item)
    }
}

impl MicroUsd {
    /// Nothing.
    pub const ZERO: MicroUsd = MicroUsd(0);

    /// The nearest micro-dollar.
    pub fn usd(dollars: f64) -> MicroUsd {
        MicroUsd((dollars * 1e6).round() as i64)
    }

    /// In dollars, for arithmetic with rates and for solvers.
    pub fn in_usd(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Scaled and rounded to the micro-dollar.
    pub fn times(self, factor: f64) -> MicroUsd {
        MicroUsd((self.0 as f64 * factor).round() as i64)
    }
}

impl std::ops::Add for MicroUsd {
    type Output = MicroUsd;
    fn add(self, other: MicroUsd) -> MicroUsd {
        MicroUsd(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for MicroUsd {
    type Output = MicroUsd;
    fn sub(self, other: MicroUsd) -> MicroUsd {
        MicroUsd(self.0.saturating_sub(other.0))
    }
}

impl std::ops::AddAssign for MicroUsd {
    fn add_assign(&mut self, other: MicroUsd) {
        *self = *self + other;
    }
}

impl std::iter::Sum for MicroUsd {
    fn sum<I: Iterator<Item = MicroUsd>>(items: I) -> MicroUsd {
        items.fold(MicroUsd::ZERO, |total, item| total + item)
    }
}

impl Seconds {
    /// In hours, the unit of machine prices.
    pub fn in_hours(self) -> f64 {
        self.0 / 3600.0
    }

    /// Scaled.
    pub fn times(self, factor: f64) -> Seconds {
        Seconds(self.0 * factor)
    }
}

impl Cores {
    /// Scaled.
    pub fn times(self, factor: f64) -> Cores {
        Cores(self.0 * factor)
    }
}

/// Four digits that matter.
pub fn digits(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (0.001..1e7).contains(&size) {
        let digits = (3 - size.max(1e-3).log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{value:.digits$}");
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        return text.to_owned();
    }
    format!("{value:.3e}")
}
