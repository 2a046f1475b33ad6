//! What can be written at a place.

mod snippet;
mod value;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent,
    MarkupKind, TextEdit,
};

use super::cursor::{Cursor, Part};
use super::hover;
use super::position::Lines;
use super::project::Project;
use crate::syntax::StepKind;
use crate::syntax::grammar::{GRAMMAR, Rule, Slot};

/// Something that can be written.
pub(super) struct Offer {
    /// What is shown, and looked for.
    pub label: String,
    /// What is written; a snippet if it has places to fill in.
    pub insert: String,
    /// It has places to fill in.
    pub snippet: bool,
    /// How it is drawn.
    pub kind: CompletionItemKind,
    /// A few words beside it.
    pub detail: String,
    /// All about it, in Markdown.
    pub doc: String,
}

impl Offer {
    fn plain(label: &str, kind: CompletionItemKind, detail: &str) -> Offer {
        Offer {
            label: label.to_owned(),
            insert: label.to_owned(),
            snippet: false,
            kind,
            detail: detail.to_owned(),
            doc: String::new(),
        }
    }
}

/// Everything that fits at byte `at` of the text. `snippets`: the client knows them.
pub fn complete(
    project: &Project,
    path: &str,
    lines: &Lines<'_>,
    at: usize,
    snippets: bool,
) -> Vec<CompletionItem> {
    let text = lines.text();
    let cursor = Cursor::at(text, at);
    let (offers, start, end) = match cursor.part {
        Part::Comment => return Vec::new(),
        Part::Name => (nodes(&cursor), cursor.start, cursor.end),
        Part::Property(_) => (properties(&cursor), cursor.start, cursor.end),
        Part::Value(_) => value::offers(project, path, text, &cursor, at),
        Part::Argument(_) => {
            let (mut offers, start, end) = value::offers(project, path, text, &cursor, at);
            if !text.get(start..at).unwrap_or_default().contains('"') && !value::quoted(text, &cursor) {
                offers.extend(properties(&cursor));
            }
            (offers, start, end)
        }
    };
    let range = lines.range(start, end.max(at));
    let typed = text.get(start..at).unwrap_or_default();
    offers
        .into_iter()
        .map(|offer| item(offer, range, typed, snippets))
        .collect()
}

fn item(offer: Offer, range: lsp_types::Range, typed: &str, snippets: bool) -> CompletionItem {
    let snippet = offer.snippet && snippets;
    let insert = if snippet || !offer.snippet {
        offer.insert
    } else {
        offer.label.clone()
    };
    // What is typed in quotes is looked for in quotes.
    let filter = typed.starts_with('"').then(|| insert.clone());
    CompletionItem {
        label: offer.label,
        kind: Some(offer.kind),
        detail: (!offer.detail.is_empty()).then_some(offer.detail),
        documentation: Some(offer.doc).filter(|doc| !doc.is_empty()).map(|value| {
            let kind = MarkupKind::Markdown;
            Documentation::MarkupContent(MarkupContent { kind, value })
        }),
        filter_text: filter,
        insert_text_format: Some(if snippet {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        }),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, insert))),
        ..CompletionItem::default()
    }
}

/// Nodes that may stand here: of this parent, for this kind of step, and not twice where once is allowed.
fn nodes(cursor: &Cursor<'_>) -> Vec<Offer> {
    let parent = cursor.parent();
    let kind = cursor.around.last().filter(|_| parent == "step");
    let kind = kind.and_then(|step| {
        let word = step.property("kind").unwrap_or("task");
        StepKind::ALL.into_iter().find(|kind| kind.word() == word)
    });
    let known = |rule: &&Rule| parent == "template" || rule.parents.iter().any(|own| own == parent);
    let fits = |rule: &&Rule| kind.is_none_or(|kind| rule.allowed_in(kind));
    let once = |rule: &&Rule| rule.many || !cursor.beside.contains(&rule.name.as_str());
    let rules = GRAMMAR.rules.iter().filter(known).filter(fits).filter(once);
    rules.map(node).collect()
}

fn node(rule: &Rule) -> Offer {
    let insert = snippet::node(rule);
    Offer {
        label: rule.name.clone(),
        snippet: insert != rule.name,
        insert,
        kind: CompletionItemKind::KEYWORD,
        detail: rule.group.clone(),
        doc: hover::node(rule),
    }
}

/// Properties that are not there yet.
fn properties(cursor: &Cursor<'_>) -> Vec<Offer> {
    let title = cursor.head.title();
    let absent = |slot: &&Slot| cursor.head.property(&slot.name).is_none();
    let beside = |slot: &&Slot| slot.of.is_none() || slot.of.as_deref() == title;
    let rules = cursor.rules();
    let slots = rules.iter().flat_map(|rule| &rule.properties);
    slots.filter(absent).filter(beside).map(property).collect()
}

fn property(slot: &Slot) -> Offer {
    Offer {
        label: format!("{}=", slot.name),
        insert: snippet::property(slot),
        snippet: true,
        kind: CompletionItemKind::PROPERTY,
        detail: slot.ty.phrase().to_owned(),
        doc: hover::property(slot),
    }
}
