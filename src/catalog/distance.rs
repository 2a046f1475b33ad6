//! How far places are from each other, in kilometres and in time.

use serde::Serialize;

use crate::quantity::Seconds;

/// Mean radius of the Earth (IUGG).
const EARTH_RADIUS_KM: f64 = 6371.0;
/// Light in fibre covers two thirds of what it covers in a vacuum: some 200,000 km/s.
const FIBRE_KM_PER_SECOND: f64 = 200_000.0;
/// Cables are not great circles. Packets effectively make 4/9 of the speed of light, that is two thirds of the speed
/// in fibre: Katz-Bassett et al., "Towards IP Geolocation Using Delay and Topology Measurements", IMC 2006.
const PATH_FACTOR: f64 = 1.5;
/// Access network, routers and the two hosts; an estimate.
const FIXED: Seconds = Seconds(0.003);

/// A point on the Earth, in degrees; north and east are positive.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize)]
pub struct Coordinates {
    /// -90 to 90.
    pub latitude: f64,
    /// -180 to 180.
    pub longitude: f64,
}

impl Coordinates {
    /// Great-circle distance in kilometres (haversine formula).
    pub fn kilometres_to(self, other: Coordinates) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_north = (to - from) / 2.0;
        let half_east = (other.longitude - self.longitude).to_radians() / 2.0;
        let chord = half_north.sin().powi(2) + from.cos() * to.cos() * half_east.sin().powi(2);
        2.0 * EARTH_RADIUS_KM * chord.clamp(0.0, 1.0).sqrt().asin()
    }

    /// Estimated round-trip time: 2 x distance x 1.5 / 200,000 km/s + 3 ms.
    ///
    /// It is a planning figure: measured round trips between big cities lie mostly within 30 % of it.
    pub fn round_trip_to(self, other: Coordinates) -> Seconds {
        FIXED + Seconds(2.0 * self.kilometres_to(other) * PATH_FACTOR / FIBRE_KM_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISBON: Coordinates = Coordinates {
        latitude: 38.73,
        longitude: -9.15,
    };
    const DUBLIN: Coordinates = Coordinates {
        latitude: 53.35,
        longitude: -6.26,
    };
    const SYDNEY: Coordinates = Coordinates {
        latitude: -33.87,
        longitude: 151.21,
    };

    #[test]
    fn distances_are_those_of_an_atlas() {
        assert!((LISBON.kilometres_to(DUBLIN) - 1640.0).abs() < 20.0);
        assert!((DUBLIN.kilometres_to(SYDNEY) - 17_200.0).abs() < 100.0);
        assert_eq!(LISBON.kilometres_to(LISBON), 0.0);
        assert_eq!(LISBON.kilometres_to(SYDNEY), SYDNEY.kilometres_to(LISBON));
    }

    #[test]
    fn lisbon_reaches_ireland_in_some_thirty_milliseconds() {
        let milliseconds = LISBON.round_trip_to(DUBLIN).0 * 1000.0;
        assert!((20.0..40.0).contains(&milliseconds), "{milliseconds}");
    }
}
