//! `promise KIND` and `prefer KIND`: what follows depends on the kind.

use super::{Checker, Place, article, kinds};
use crate::diag::{Code, Diagnostic, suggest};
use crate::syntax::grammar::{GRAMMAR, Rule};
use crate::syntax::tree::RawNode;

impl Checker<'_> {
    /// What follows `promise KIND`.
    pub(super) fn promise(&mut self, raw: &RawNode, rule: &Rule, place: Place<'_>) -> Option<&'static Rule> {
        let word = raw.title().filter(|_| is_promise(rule))?;
        let known = GRAMMAR.promises.iter().map(|kind| kind.name.as_str());
        // A kind that is nearly one is reported where it is read.
        let promised = GRAMMAR.promise(suggest::nearest(word.value, known)?)?;
        let stands = promised.parents.iter().any(|parent| parent == place.parent());
        let kind = place.kind().filter(|kind| !promised.allowed_in(*kind));
        let message = match kind {
            _ if !stands => format!(
                "`{}` cannot be promised of {}",
                word.value,
                article(place.parent())
            ),
            Some(kind) => format!(
                "`{}` cannot be promised of a step of kind `{}`",
                word.value,
                kind.word()
            ),
            None => return Some(promised),
        };
        let help = match promised.parents.first() {
            Some(parent) if !stands => format!("`{}` is promised in {}", word.value, article(parent)),
            _ => format!("`{}` is for {}", word.value, kinds(promised)),
        };
        let found = Diagnostic::new(Code::PromiseKind, word.span, "not here", message);
        self.report(raw, found.help(help));
        Some(promised)
    }
}

/// True of what is followed by a kind of promise.
pub(super) fn is_promise(rule: &Rule) -> bool {
    matches!(rule.name.as_str(), "promise" | "prefer")
}

/// A promise of no known kind, without what would belong to the kind.
pub(super) fn head(raw: &RawNode) -> RawNode {
    let mut head = raw.clone();
    let kind = raw.entries.iter().position(|entry| entry.name.is_none());
    head.entries = kind
        .and_then(|at| raw.entries.get(at))
        .into_iter()
        .cloned()
        .collect();
    head.damaged = true;
    head
}
