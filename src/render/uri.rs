//! Paths as parts of addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986, section 2.3, leaves unreserved, and the slashes between folders. The colon of a drive is
/// encoded, too: in a relative reference it would end a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The path, percent-encoded.
pub fn path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}
