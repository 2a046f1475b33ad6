//! The project's own file -> records.

use super::table::{self, Defaults};
use super::{Read, Records, store};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceMap, Span};

/// What `portolan.history` holds, and how sound it is.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// All rows that could be read.
    pub records: Records,
    /// Imports that were read whole.
    pub imports: usize,
    /// True if some bytes could not be read: then the file may grow but must not be written anew.
    pub damaged: bool,
}

/// Reads the file called `path`. Each import is a source of its own, `portolan.history[1]` the first, so that a message
/// can name its row. What is damaged is reported, and the rest read.
pub fn open(sources: &mut SourceMap, path: &str, bytes: &[u8], out: &mut Diagnostics) -> Opened {
    let found = store::unpack(bytes);
    let mut opened = Opened {
        imports: found.members.len(),
        damaged: !found.damage.is_empty(),
        ..Opened::default()
    };
    let mut rows = vec![0];
    for (index, member) in found.members.into_iter().enumerate() {
        let file = sources.add(format!("{path}[{}]", index + 1), member);
        let Read { attempts, samples } = table::read(sources, file, Defaults::default(), out);
        rows.push(rows.last().copied().unwrap_or(0) + attempts.len() + samples.len());
        opened.records.import(Read { attempts, samples }, out);
    }
    let file = if opened.damaged {
        sources.add(path, "")
    } else {
        Default::default()
    };
    for damage in found.damage {
        let row = rows.get(damage.after).copied().unwrap_or(0);
        let end = damage.start + damage.length;
        out.push(
            Diagnostic::new(
                Code::HistoryDamaged,
                Span::new(file, 0, 0),
                "not text",
                format!(
                    "{path}: bytes {} to {end}, after row {row}, cannot be read: {}",
                    damage.start, damage.why
                ),
            )
            .help("the rows before and after are used, and nothing is overwritten; restore the file from version control, or import what is missing again"),
        );
    }
    opened
}
