//! Patches of the user's own, applied last: to Kubernetes objects, and beside Terraform's files.
//!
//! What an overlay is about follows from where it stands ([`scope`]); within that, the patch says itself what it
//! changes. One that changes nothing is a mistake: what it was written for is no longer generated, or never was.

mod objects;
mod patch;
mod scope;
mod terraform;

use super::{Artifact, Lowering};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::Overlay;
use scope::Scope;

/// `artifacts` with all overlays of the graph applied, in the order in which they are written.
pub(super) fn apply(
    input: &Lowering<'_>,
    mut artifacts: Vec<Artifact>,
    out: &mut Diagnostics,
) -> Vec<Artifact> {
    let overlays = scope::overlays(input);
    // A line about several regions stands once and may be about things in only some of them.
    for (number, same) in overlays
        .chunk_by(|(a, _), (b, _)| a.path.span == b.path.span)
        .enumerate()
    {
        if let Some(found) = line(number, same, &mut artifacts) {
            out.push(found);
        }
    }
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    artifacts
}

/// Applies the overlay of one line; what is wrong with it.
fn line(number: usize, same: &[(&Overlay, Scope<'_>)], artifacts: &mut Vec<Artifact>) -> Option<Diagnostic> {
    let (overlay, scope) = same.first()?;
    let Some(text) = &overlay.text else {
        return Some(unreadable(overlay));
    };
    let mut changed = false;
    for (_, scope) in same {
        match one(number, overlay, text, scope, artifacts) {
            Ok(any) => changed |= any,
            Err(why) => return Some(malformed(overlay, &why)),
        }
    }
    (!changed).then(|| unmatched(overlay, scope))
}

/// True if it changed anything.
///
/// # Errors
/// Says why the text is no patch.
fn one(
    number: usize,
    overlay: &Overlay,
    text: &str,
    scope: &Scope<'_>,
    artifacts: &mut Vec<Artifact>,
) -> Result<bool, String> {
    if overlay.path.value.ends_with(".tf") {
        let source = terraform::Override {
            number,
            path: &overlay.path.value,
            text,
        };
        return terraform::add(source, scope, artifacts);
    }
    objects::apply(text, scope, artifacts)
}

fn unreadable(overlay: &Overlay) -> Diagnostic {
    let message = format!("cannot read `{}`", overlay.path.value);
    Diagnostic::new(Code::IncludeMissing, overlay.path.span, "this file", message)
        .help("the path is relative to the folder of the file that names it")
}

fn unmatched(overlay: &Overlay, scope: &Scope<'_>) -> Diagnostic {
    let message = format!("`{}` changes nothing", overlay.path.value);
    let label = format!("matches nothing of {}", scope.title);
    Diagnostic::new(Code::OverlayUnmatched, overlay.path.span, label, message).help(
        "compare its kinds and names, or its addresses, with the generated files; `metadata.name` may be left out",
    )
}

fn malformed(overlay: &Overlay, why: &str) -> Diagnostic {
    let message = format!("`{}` is no patch: {why}", overlay.path.value);
    Diagnostic::new(Code::OverlayForm, overlay.path.span, "this file", message).help(
        "a `.yaml` file holds objects with `kind` and what is to change in them; a `.tf` file, blocks of Terraform",
    )
}

#[cfg(test)]
mod tests;
