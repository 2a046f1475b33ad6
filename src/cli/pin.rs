//! `portolan pin`: digests that continuous integration has resolved, into the lock.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use clap::Args;

use super::session::{Session, SessionOptions};
use super::{Outcome, load};
use crate::lock::Lock;
use crate::syntax::Files as _;
use crate::write;

/// Record image digests in portolan.lock; compiling never asks a network for them
#[derive(Args, Debug)]
pub struct Options {
    /// A file with a line `REFERENCE sha256:…` for each image, as references stand in the sources
    #[arg(long, value_name = "FILE")]
    from: Utf8PathBuf,
    #[command(flatten)]
    session: SessionOptions,
}

/// Reads the file and rewrites the lock.
pub fn run(options: &Options) -> Outcome {
    let pins = load::Disk
        .read(options.from.as_str())
        .and_then(|text| pins(&text));
    let pins = match pins {
        Ok(pins) => pins,
        Err(why) => return super::usage(&format!("{}: {why}", options.from)),
    };
    let session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let Some(mut lock) = session.lock else {
        return super::usage(&format!("{}: no such file; compile first", session.lock_path));
    };
    let count = pins.len();
    lock.images.0.extend(pins);
    match write::replace(&session.lock_path, Lock::text(&lock)) {
        Ok(()) => {
            let said = format!("{}: {count} images pinned", session.lock_path);
            options.session.report.remark(&said);
            Outcome::Ok
        }
        Err(error) => super::usage(&error.to_string()),
    }
}

/// `REFERENCE sha256:<64 hex digits>` lines; empty lines and `#` comments are passed over.
fn pins(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let pair = line
            .split_once(char::is_whitespace)
            .map(|(reference, digest)| (reference, digest.trim()));
        let hex = |digest: &str| {
            digest.len() == 64
                && digest
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        match pair {
            Some((reference, digest)) if digest.strip_prefix("sha256:").is_some_and(hex) => {
                found.insert(reference.to_owned(), digest.to_owned());
            }
            _ => {
                return Err(format!(
                    "line {}: write `REFERENCE sha256:<64 hex digits>`",
                    index + 1
                ));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::pins;

    #[test]
    fn lines_are_read_and_anything_else_refused() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let text = format!("# resolved\n\nghcr.io/acme/train:1.4.0  {digest}\n");
        assert_eq!(
            pins(&text).map(|pins| pins.into_iter().collect::<Vec<_>>()),
            Ok(vec![("ghcr.io/acme/train:1.4.0".to_owned(), digest)])
        );
        assert!(pins("ghcr.io/acme/train:1.4.0 latest").is_err_and(|why| why.starts_with("line 1")));
    }
}
