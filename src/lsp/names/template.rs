//! Templates and their parameters, which are gone from a checked document: read from the text as typed.

use super::{Declared, Names, Occurrence, Symbol};
use crate::diag::Diagnostics;
use crate::source::{SourceMap, Span, Spanned};
use crate::syntax::format::{self, FormatPiece};
use crate::syntax::tree::{RawNode, RawValue};
use crate::syntax::{self};

/// Adds all templates, their parameters, and every use of both.
pub(super) fn index(sources: &SourceMap, names: &mut Names) {
    let mut walk = Walk { sources, names };
    for (id, source) in sources.iter() {
        // Most projects have none, and reading costs.
        if !source.program || !source.text.contains("template") && !source.text.contains("use ") {
            continue;
        }
        for node in syntax::raw(id, &source.text) {
            let template = node.title().filter(|_| node.name.value == "template");
            let template = template.map(|title| title.map(str::to_owned));
            if let Some(title) = &template {
                walk.declare(
                    Symbol::Template(title.value.clone()),
                    "template",
                    title.span,
                    node.whole,
                );
            }
            walk.node(&node, template.as_ref().map(|title| title.value.as_str()));
        }
    }
}

struct Walk<'a> {
    sources: &'a SourceMap,
    names: &'a mut Names,
}

impl Walk<'_> {
    fn node(&mut self, node: &RawNode, template: Option<&str>) {
        for child in &node.children {
            match (child.name.value.as_str(), child.title(), template) {
                ("use", Some(used), _) => self.usage(child, used),
                ("parameter", Some(name), Some(template)) => {
                    let hole = Symbol::Hole(template.to_owned(), name.value.to_owned());
                    self.declare(hole, "parameter", name.span, child.whole);
                }
                _ => {}
            }
            if let Some(template) = template {
                self.holes(child, template);
            }
            self.node(child, template);
        }
    }

    /// `use NAME parameter=…`
    fn usage(&mut self, node: &RawNode, used: Spanned<&str>) {
        self.add(Symbol::Template(used.value.to_owned()), used.span, false);
        for name in node.entries.iter().filter_map(|entry| entry.name.as_ref()) {
            self.add(
                Symbol::Hole(used.value.to_owned(), name.value.clone()),
                name.span,
                false,
            );
        }
    }

    /// `{parameter}` in the `(f)` strings of a template.
    fn holes(&mut self, node: &RawNode, template: &str) {
        for entry in node
            .entries
            .iter()
            .filter(|entry| entry.annotation.as_deref() == Some("f"))
        {
            let RawValue::Text(text) = &entry.value else {
                continue;
            };
            let typed = self.sources.text(entry.span);
            let pieces = format::split(text, entry.span, typed, &mut Diagnostics::new());
            for piece in pieces.0 {
                if let FormatPiece::Reference(path) = piece
                    && let [name] = path.value.0.as_slice()
                    && self.is_hole(template, name)
                {
                    self.add(Symbol::Hole(template.to_owned(), name.clone()), path.span, false);
                }
            }
        }
    }

    fn is_hole(&self, template: &str, name: &str) -> bool {
        let hole = |one: &Declared| matches!(&one.symbol, Symbol::Hole(own, known) if own == template && known == name);
        self.names.declared.iter().any(hole)
    }

    fn declare(&mut self, symbol: Symbol, node: &'static str, span: Span, whole: Span) {
        self.names.declared.push(Declared {
            symbol: symbol.clone(),
            node,
            step: None,
            detail: String::new(),
            span: self.exact(symbol.name(), span),
            whole,
        });
        self.add(symbol, span, true);
    }

    fn add(&mut self, symbol: Symbol, span: Span, declares: bool) {
        let span = self.exact(symbol.name(), span);
        self.names.occurrences.push(Occurrence {
            span,
            symbol,
            declares,
        });
    }

    fn exact(&self, name: &str, span: Span) -> Span {
        let at = self.sources.text(span).find(name);
        at.map_or(span, |at| span.part(at, name.len()))
    }
}
