//! How a price is known, and of when.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A month, or a year where no month is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AsOf {
    year: u16,
    month: Option<u8>,
}

impl AsOf {
    /// Reads `2026-07` or `2026`.
    pub fn parse(text: &str) -> Option<AsOf> {
        let (year, month) = match text.split_once('-') {
            Some((year, month)) => (year, Some(month)),
            None => (text, None),
        };
        let year = year.parse().ok().filter(|year| (2000..2100).contains(year))?;
        let month = match month {
            Some(month) if month.len() == 2 => {
                Some(month.parse().ok().filter(|month| (1..=12).contains(month))?)
            }
            Some(_) => return None,
            None => None,
        };
        Some(AsOf { year, month })
    }

    /// The date at the end of a label such as `list-2026-07`.
    pub(super) fn at_end_of(label: &str) -> Option<AsOf> {
        let dated = |length: usize| AsOf::parse(label.get(label.len().checked_sub(length)?..)?);
        dated("2026-07".len()).or_else(|| dated("2026".len()))
    }
}

impl TryFrom<String> for AsOf {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        AsOf::parse(&text).ok_or_else(|| format!("`{text}` is neither YYYY-MM nor YYYY"))
    }
}

impl From<AsOf> for String {
    fn from(as_of: AsOf) -> String {
        as_of.to_string()
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.month {
            Some(month) => write!(f, "{:04}-{month:02}", self.year),
            None => write!(f, "{:04}", self.year),
        }
    }
}

/// How a figure was obtained, surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// From the user's own overlay.
    Own,
    /// As the vendor listed it.
    List,
    /// An older list price, times what the same machine's price did since then elsewhere.
    Scaled,
    /// From another region's list price and the family's usual ratio between the two.
    Imputed,
    /// Derived or recalled: check before relying on it.
    Estimate,
}

/// How a figure is known, and of when. An undated one has no `as_of`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Basis {
    /// How.
    pub evidence: Evidence,
    /// Of when; none for a user's undated price.
    pub as_of: Option<AsOf>,
}

/// `list price of 2026-07`.
impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.evidence {
            Evidence::Own => "own price",
            Evidence::List => "list price",
            Evidence::Scaled => "scaled list price",
            Evidence::Imputed => "price imputed from another region",
            Evidence::Estimate => "estimate",
        })?;
        match self.as_of {
            Some(as_of) => write!(f, " of {as_of}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_months_or_years_and_nothing_else() {
        for text in ["2026-07", "2025"] {
            assert_eq!(
                AsOf::parse(text).map(|as_of| as_of.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in ["", "26-07", "2026-13", "2026-7", "2026-00", "2026-07-01", "list"] {
            assert_eq!(AsOf::parse(text), None, "{text}");
        }
        assert_eq!(AsOf::at_end_of("negotiated-2026-07"), AsOf::parse("2026-07"));
        assert_eq!(AsOf::at_end_of("imputed"), None);
        assert_eq!(AsOf::at_end_of("ü"), None);
    }
}
