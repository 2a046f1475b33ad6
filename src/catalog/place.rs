//! Places: countries and the blocs they belong to.

use std::fmt;
use std::sync::LazyLock;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::distance::Coordinates;
use super::table;
use crate::quantity::Seconds;

/// ISO 3166-1, with each country's most populous city (GeoNames, 2025) and its continent as clouds bill transfer.
static COUNTRIES: LazyLock<Vec<CountryRow>> =
    LazyLock::new(|| table::read(include_str!("data/countries.csv")));
/// Members as of 2026-01.
static MEMBERS: LazyLock<Vec<Member>> = LazyLock::new(|| table::read(include_str!("data/blocs.csv")));

#[derive(Deserialize)]
struct CountryRow {
    code: String,
    name: String,
    continent: String,
    city: String,
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Member {
    bloc: String,
    country: Country,
}

/// A country, by its ISO 3166-1 code in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Country(&'static str);

impl Country {
    /// The country with this lower-case code.
    pub fn parse(code: &str) -> Option<Country> {
        let at = COUNTRIES
            .binary_search_by(|row| row.code.as_str().cmp(code))
            .ok()?;
        COUNTRIES.get(at).map(|row| Country(&row.code))
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Country> {
        COUNTRIES.iter().map(|row| Country(&row.code))
    }

    /// Its code: `pt`.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// Its name in English: `Portugal`.
    pub fn name(self) -> &'static str {
        self.row().map_or(self.0, |row| &row.name)
    }

    /// Its most populous city: `Lisbon`.
    pub fn city(self) -> &'static str {
        self.row().map_or("", |row| &row.city)
    }

    /// Where its most populous city is.
    pub fn coordinates(self) -> Coordinates {
        self.row().map_or(
            Coordinates {
                latitude: 0.0,
                longitude: 0.0,
            },
            |row| Coordinates {
                latitude: row.latitude,
                longitude: row.longitude,
            },
        )
    }

    /// Its continent as clouds bill transfer, in one word: `europe`, `middleeast`.
    pub(super) fn continent(self) -> &'static str {
        self.row().map_or("", |row| &row.continent)
    }

    fn row(self) -> Option<&'static CountryRow> {
        COUNTRIES
            .binary_search_by(|row| row.code.as_str().cmp(self.0))
            .ok()
            .and_then(|at| COUNTRIES.get(at))
    }
}

/// From its code.
impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Country::parse(&code).ok_or_else(|| D::Error::custom(format!("`{code}` is no country code")))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Where data may stay or users are: a country or a group of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// One country.
    Country(Country),
    /// The European Union; its territories with an ISO code of their own are not taken in.
    Eu,
    /// The European Economic Area: the European Union, Iceland, Liechtenstein and Norway.
    Eea,
    /// Everywhere.
    World,
}

impl Place {
    /// Reads a country's code, `eu`, `eea` or `world`.
    pub fn parse(code: &str) -> Option<Place> {
        match code {
            "eu" => Some(Place::Eu),
            "eea" => Some(Place::Eea),
            "world" => Some(Place::World),
            code => Country::parse(code).map(Place::Country),
        }
    }

    /// Every place, blocs first.
    pub fn all() -> impl Iterator<Item = Place> {
        [Place::Eu, Place::Eea, Place::World]
            .into_iter()
            .chain(Country::all().map(Place::Country))
    }

    /// The code by which the language names it.
    pub fn code(self) -> &'static str {
        match self {
            Place::Country(country) => country.code(),
            Place::Eu => "eu",
            Place::Eea => "eea",
            Place::World => "world",
        }
    }

    /// For messages: `Portugal`, `the European Union`.
    pub fn name(self) -> &'static str {
        match self {
            Place::Country(country) => country.name(),
            Place::Eu => "the European Union",
            Place::Eea => "the European Economic Area",
            Place::World => "the world",
        }
    }

    /// True if the country with this ISO 3166 code, in lower case, is this place or lies in it.
    pub fn contains(self, country: &str) -> bool {
        let is_member = |bloc: &str| {
            MEMBERS
                .iter()
                .any(|member| member.bloc == bloc && member.country.code() == country)
        };
        match self {
            Place::Country(this) => this.code() == country,
            Place::Eu | Place::Eea => is_member(self.code()),
            Place::World => true,
        }
    }

    /// Its countries, by code.
    pub fn countries(self) -> impl Iterator<Item = Country> {
        Country::all().filter(move |country| self.contains(country.code()))
    }

    /// Estimated round trip to `there` from the most populous city of the country; of a bloc, from its farthest member.
    pub fn round_trip_to(self, there: Coordinates) -> Seconds {
        self.countries()
            .map(|country| country.coordinates().round_trip_to(there))
            .fold(Seconds::ZERO, Seconds::max)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Serialised as its code.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_each_is_a_place() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(Country::all().count(), 249);
        assert!(
            Place::all().all(|place| Place::parse(place.code()) == Some(place) && !place.name().is_empty())
        );
        assert_eq!(Place::parse("PT"), None);
        assert_eq!(Place::parse("europe"), None);
    }

    #[test]
    fn blocs_have_their_members() {
        assert_eq!(Place::Eu.countries().count(), 27);
        assert_eq!(Place::Eea.countries().count(), 30);
        assert!(Place::Eea.contains("no") && !Place::Eu.contains("no"));
        assert!(!Place::Eea.contains("gb") && !Place::Eea.contains("ch"));
        assert!(Place::World.contains("br"));
    }

    #[test]
    fn a_bloc_is_as_far_as_its_worst_member() {
        let dublin = Coordinates {
            latitude: 53.33,
            longitude: -6.25,
        };
        let from =
            |place: &str| Place::parse(place).map_or(Seconds::ZERO, |place| place.round_trip_to(dublin));
        assert_eq!(from("eu"), from("cy"));
        assert!(from("pt") < from("eu") && from("eu") < from("world"));
    }
}
