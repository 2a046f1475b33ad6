//! `portolan.history` on disk: gzip members, one an import.
//!
//! Each member carries the extra field `PL` 01 00 01 (RFC 1952, 2.3.1.1: two letters, length, this form's version), by
//! which the next one is found after damage; its CRC-32 and length tell whether it is whole.

use std::io::{Read as _, Write as _};

use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

/// Name of the file beside the sources.
pub const FILE: &str = "portolan.history";

/// Version of the form of a member and its table.
const VERSION: u8 = 1;

/// How every member begins: gzip, deflate, with an extra field.
const MAGIC: [u8; 4] = [0x1f, 0x8b, 0x08, 0x04];

/// Where the extra field lies: after the magic, four bytes of time, two of flags and two of its length.
const EXTRA_AT: usize = 12;

/// The extra field up to the version.
const EXTRA: [u8; 4] = [b'P', b'L', 1, 0];

/// Most bytes that one member may unpack to: what a million rows need, and no bomb.
const LARGEST: u64 = 1 << 30;

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unpacked {
    /// The texts of its members, in order.
    pub members: Vec<String>,
    /// Where bytes lie that belong to no whole member.
    pub damage: Vec<Damage>,
}

/// Bytes that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Number of whole members before it.
    pub after: usize,
    /// First byte of the file.
    pub start: usize,
    /// Number of bytes.
    pub length: usize,
    /// Why.
    pub why: String,
}

/// One member with the text of one import.
pub fn pack(text: &str) -> Vec<u8> {
    let extra = [EXTRA.as_slice(), &[VERSION]].concat();
    let mut member = GzBuilder::new()
        .extra(extra)
        .write(Vec::new(), Compression::best());
    let packed = member.write_all(text.as_bytes()).and_then(|()| member.finish());
    packed.unwrap_or_else(|error| unreachable!("writing to memory cannot fail: {error}"))
}

/// All members that are whole, and where the others lie.
pub fn unpack(bytes: &[u8]) -> Unpacked {
    let mut found = Unpacked::default();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match member(rest) {
            Ok((text, length)) => {
                found.members.push(text);
                at += length;
            }
            Err(why) => {
                let length = next_member(rest);
                found.damage.push(Damage {
                    after: found.members.len(),
                    start: at,
                    length,
                    why,
                });
                at += length;
            }
        }
    }
    found
}

/// Bytes until the next member begins, at least one.
fn next_member(bytes: &[u8]) -> usize {
    let later = bytes.windows(EXTRA_AT + EXTRA.len()).skip(1);
    let found = later.enumerate().find(|(_, window)| {
        window.starts_with(&MAGIC)
            && window
                .get(EXTRA_AT..)
                .is_some_and(|extra| extra.starts_with(&EXTRA))
    });
    found.map_or(bytes.len(), |(skipped, _)| skipped + 1)
}

/// The member at the front and its length.
fn member(bytes: &[u8]) -> Result<(String, usize), String> {
    if !bytes.starts_with(&MAGIC)
        || !bytes
            .get(EXTRA_AT..)
            .is_some_and(|extra| extra.starts_with(&EXTRA))
    {
        return Err("no part of the history begins here".to_owned());
    }
    match bytes.get(EXTRA_AT + EXTRA.len()) {
        Some(&VERSION) => {}
        Some(version) => {
            return Err(format!(
                "it is of version {version}, and this program reads version {VERSION}"
            ));
        }
        None => return Err("it was cut off".to_owned()),
    }
    let mut rest = bytes;
    let mut text = Vec::new();
    let read = GzDecoder::new(&mut rest).take(LARGEST).read_to_end(&mut text);
    match read {
        Ok(size) if size as u64 == LARGEST => Err("it unpacks to more than 1 GiB".to_owned()),
        Ok(_) => {
            let text = String::from_utf8(text).map_err(|_| "it is not UTF-8 text".to_owned())?;
            Ok((text, bytes.len() - rest.len()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err("it was cut off".to_owned()),
        Err(error) => Err(format!("its checksum or its bytes are wrong: {error}")),
    }
}
