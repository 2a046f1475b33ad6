//! Reporting mistakes in files of a million rows without a million messages.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// Mistakes of one kind that are shown; the rest are counted.
const SHOWN: usize = 10;

/// What is wrong with one file.
pub struct Faults<'d> {
    file: SourceId,
    out: &'d mut Diagnostics,
    count: BTreeMap<Code, usize>,
}

impl<'d> Faults<'d> {
    /// Of a file.
    pub fn of(file: SourceId, out: &'d mut Diagnostics) -> Faults<'d> {
        Faults {
            file,
            out,
            count: BTreeMap::new(),
        }
    }

    /// One more.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let count = self.count.entry(diagnostic.code).or_default();
        *count += 1;
        if *count <= SHOWN {
            self.out.push(diagnostic);
        }
    }

    /// Says how many were not shown.
    pub fn finish(self) {
        for (code, count) in self.count {
            if count > SHOWN {
                let start = Span::new(self.file, 0, 0);
                let more = count - SHOWN;
                self.out.push(
                    Diagnostic::new(
                        code,
                        start,
                        "in this file",
                        format!("{more} more like these: {}", code.title()),
                    )
                    .help("often one cause has them all; look at the first"),
                );
            }
        }
    }
}
