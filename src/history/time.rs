//! Times: RFC 3339 outside, seconds since 1970 inside.

use jiff::Timestamp;

/// From RFC 3339 (`2026-05-01T02:00:00Z`), with a space for the `T` as logs write it, or from seconds or milliseconds
/// since 1970.
pub fn read(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        // No time that is written in seconds reaches this; all since September 2001 in milliseconds do.
        let scale = if number.abs() >= 1e12 { 1e-3 } else { 1.0 };
        return Some(number * scale);
    }
    let text = text.replacen(' ', "T", 1);
    let zoned = |text: &str| text.parse::<Timestamp>().ok();
    let time = zoned(&text).or_else(|| zoned(&format!("{text}Z")))?;
    Some(time.as_millisecond() as f64 / 1e3)
}

/// As RFC 3339 in UTC, to the millisecond; empty for a time no calendar has.
pub fn write(seconds: f64) -> String {
    Timestamp::from_millisecond((seconds * 1e3).round() as i64)
        .map_or_else(|_| String::new(), |time| time.to_string())
}
