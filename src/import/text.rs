//! Texts with references in them, as commands and arguments have.

/// Something whose value a run knows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reference {
    /// A parameter of the pipeline, by its name there.
    Parameter(String),
    /// An output of a step: its number, and the name of the output.
    Output(usize, String),
    /// The item of a fan-out, or a field of it.
    Item(String, Option<String>),
    /// `run.id` and its like.
    Run(&'static str),
}

/// A part of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// As it stands.
    Literal(String),
    /// What a run puts there.
    Reference(Reference),
}

/// A text in which neighbouring literals are one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text(Vec<Piece>);

impl Text {
    /// Without references.
    pub fn literal(text: impl Into<String>) -> Text {
        let mut made = Text::default();
        made.push_str(&text.into());
        made
    }

    /// One reference and nothing else.
    pub fn reference(reference: Reference) -> Text {
        Text(vec![Piece::Reference(reference)])
    }

    /// Adds a literal.
    pub fn push_str(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            Some(Piece::Reference(_)) | None if text.is_empty() => {}
            Some(Piece::Reference(_)) | None => self.0.push(Piece::Literal(text.to_owned())),
        }
    }

    /// Adds another text.
    pub fn append(&mut self, other: &Text) {
        for piece in &other.0 {
            match piece {
                Piece::Literal(text) => self.push_str(text),
                Piece::Reference(_) => self.0.push(piece.clone()),
            }
        }
    }

    /// Its parts.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// What it is without references; nothing if it has any.
    pub fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            [_, ..] => None,
        }
    }

    /// The reference that it is, if it is nothing else.
    pub fn single(&self) -> Option<&Reference> {
        match self.0.as_slice() {
            [Piece::Reference(reference)] => Some(reference),
            [] | [Piece::Literal(_)] | [_, _, ..] => None,
        }
    }

    /// All references.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Reference(reference) => Some(reference),
            Piece::Literal(_) => None,
        })
    }
}
