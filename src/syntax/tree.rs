//! The raw tree: what KDL says, with every place bound to its file, before anything is checked.

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use crate::source::{SourceId, Span, Spanned};

/// A node as typed.
#[derive(Clone, Debug)]
pub struct RawNode {
    /// Its name.
    pub name: Spanned<String>,
    /// The whole of it.
    pub whole: Span,
    /// Arguments and properties, in order.
    pub entries: Vec<RawEntry>,
    /// Children.
    pub children: Vec<RawNode>,
    /// The `use` that pasted it here, if one did.
    pub pasted_by: Option<Span>,
    /// A part of it was not KDL and is left out.
    pub damaged: bool,
}

/// An argument or a property as typed.
#[derive(Clone, Debug)]
pub struct RawEntry {
    /// The property's name.
    pub name: Option<Spanned<String>>,
    /// The value.
    pub value: RawValue,
    /// Where the value stands, with its quotes.
    pub span: Span,
    /// The type annotation, e.g. `f`.
    pub annotation: Option<String>,
}

/// A KDL value.
#[derive(Clone, PartialEq, Debug)]
pub enum RawValue {
    /// Quoted or bare, which makes no difference.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number.
    Number(f64),
    /// `#true`, `#false`
    Boolean(bool),
    /// `#null`
    Null,
    /// The value of a template's parameter that was not given; that is reported where it is used.
    Lost,
}

/// Where a KDL text stands: it may be a part of its file.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// The file.
    pub source: SourceId,
    /// Byte of the file at which the text begins.
    pub offset: usize,
}

impl Base {
    fn place(self, span: miette::SourceSpan) -> Span {
        Span::new(self.source, self.offset + span.offset(), span.len())
    }
}

/// Binds a parsed document to its file.
pub fn bind(document: &KdlDocument, base: Base, text: &str) -> Vec<RawNode> {
    document
        .nodes()
        .iter()
        .map(|node| bind_node(node, base, text))
        .collect()
}

fn bind_node(node: &KdlNode, base: Base, text: &str) -> RawNode {
    let name = node.name();
    RawNode {
        name: Spanned::new(name.value().to_owned(), base.place(name.span())),
        whole: base.place(node.span()),
        entries: node
            .entries()
            .iter()
            .map(|entry| bind_entry(entry, base, text))
            .collect(),
        children: node
            .children()
            .map(|children| bind(children, base, text))
            .unwrap_or_default(),
        pasted_by: None,
        damaged: false,
    }
}

fn bind_entry(entry: &KdlEntry, base: Base, text: &str) -> RawEntry {
    let span = base.place(entry.span());
    let name = entry
        .name()
        .map(|name| Spanned::new(name.value().to_owned(), base.place(name.span())));
    // An entry's span covers `name=(f)"value"`; the value is what follows the first `=` and the annotation.
    let typed = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    let after_name = name.as_ref().map_or(0, |name| name.span.length());
    let equals = name
        .as_ref()
        .and_then(|_| typed.get(after_name..)?.find('='))
        .map_or(0, |at| after_name + at + 1);
    let annotation = entry.ty().map(|ty| ty.value().to_owned());
    let skipped = annotation
        .as_ref()
        .and_then(|_| typed.get(equals..)?.find(')'))
        .map_or(equals, |at| equals + at + 1);
    let value_span = span.part(skipped, span.length().saturating_sub(skipped));
    RawEntry {
        name,
        value: value(entry.value()),
        span: value_span,
        annotation,
    }
}

fn value(value: &KdlValue) -> RawValue {
    match value {
        KdlValue::String(text) => RawValue::Text(text.clone()),
        KdlValue::Integer(number) => RawValue::Integer(*number),
        KdlValue::Float(number) => RawValue::Number(*number),
        KdlValue::Bool(flag) => RawValue::Boolean(*flag),
        KdlValue::Null => RawValue::Null,
    }
}

impl RawNode {
    /// The same at another place: its own places are counted from the first byte of a text that stands at `base`.
    pub fn moved(&self, base: Base) -> RawNode {
        let place = |span: Span| Span::new(base.source, base.offset + span.start as usize, span.length());
        let moved = |entry: &RawEntry| RawEntry {
            name: entry
                .name
                .as_ref()
                .map(|name| Spanned::new(name.value.clone(), place(name.span))),
            value: entry.value.clone(),
            span: place(entry.span),
            annotation: entry.annotation.clone(),
        };
        RawNode {
            name: Spanned::new(self.name.value.clone(), place(self.name.span)),
            whole: place(self.whole),
            entries: self.entries.iter().map(moved).collect(),
            children: self.children.iter().map(|child| child.moved(base)).collect(),
            pasted_by: self.pasted_by.map(place),
            damaged: self.damaged,
        }
    }

    /// The first argument as text, if it stands for itself.
    pub fn title(&self) -> Option<Spanned<&str>> {
        let entry = self.entries.iter().find(|entry| entry.name.is_none())?;
        if entry.annotation.is_some() {
            return None;
        }
        match &entry.value {
            RawValue::Text(text) => Some(Spanned::new(text, entry.span)),
            RawValue::Integer(_)
            | RawValue::Number(_)
            | RawValue::Boolean(_)
            | RawValue::Null
            | RawValue::Lost => None,
        }
    }

    /// The property called `name`.
    pub fn property(&self, name: &str) -> Option<&RawEntry> {
        self.entries
            .iter()
            .find(|entry| entry.name.as_ref().is_some_and(|own| own.value == name))
    }
}

impl std::fmt::Display for RawValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RawValue::Text(text) => f.write_str(text),
            RawValue::Integer(number) => number.fmt(f),
            RawValue::Number(number) => number.fmt(f),
            RawValue::Boolean(flag) => flag.fmt(f),
            RawValue::Null => f.write_str("#null"),
            RawValue::Lost => f.write_str("…"),
        }
    }
}
