//! Prices and shapes of machines, facts of regions and places. (Stand-in until the catalogue lands.)
/// Stand-in.
#[derive(Clone, Debug, Default)]
pub struct Catalog;
use serde::Serialize;
/// A cloud.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon.
    Aws,
    /// Microsoft.
    Azure,
    /// Google.
    Gcp,
}
impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Provider::Aws => "aws",
            Provider::Azure => "azure",
            Provider::Gcp => "gcp",
        })
    }
}
/// How a machine is bought.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pricing {
    /// By the hour.
    OnDemand,
    /// Interruptible.
    Spot,
    /// Paid for.
    Reserved,
}
/// A country or bloc.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Place(pub String);
impl Place {
    /// True if the country lies in it.
    pub fn contains(&self, country: &str) -> bool {
        self.0 == country
    }
}
