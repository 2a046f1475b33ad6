//! What stands at a place of a text, also of one that is just being written.

use crate::syntax::recover::pieces::{Piece, cut, marks};
use crate::syntax::recover::words::{Word, words};

/// The line of a node: its name, its arguments and its properties, as typed.
#[derive(Clone, Debug, Default)]
pub struct Head<'t> {
    /// Its words with their places in the file; `name=value` is one word.
    pub words: Vec<Word<'t>>,
}

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'t> {
    /// The name of a node.
    Name,
    /// The argument of this number, or the name of a property of which no `=` is typed yet.
    Argument(usize),
    /// The name of a property.
    Property(&'t str),
    /// The value of this property.
    Value(&'t str),
    /// A comment: nothing of the language.
    Comment,
}

/// A place in a text.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    /// Nodes around the one at hand, outermost first.
    pub around: Vec<Head<'t>>,
    /// The node at hand; without words on an empty line.
    pub head: Head<'t>,
    /// Names of the other nodes in the same block.
    pub beside: Vec<&'t str>,
    /// What stands here.
    pub part: Part<'t>,
    /// First byte of the name or value at hand, with its annotation and quotes.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl<'t> Head<'t> {
    fn of(text: &'t str, start: usize, end: usize) -> Head<'t> {
        let line = text.get(start..end).unwrap_or_default();
        let placed = words(line).into_iter().map(|word| Word {
            start: start + word.start,
            ..word
        });
        Head {
            words: placed.collect(),
        }
    }

    /// The name of the node; empty if there is none yet.
    pub fn name(&self) -> &'t str {
        self.words.first().map_or("", |word| word.text)
    }

    /// The first argument, without quotes.
    pub fn title(&self) -> Option<&'t str> {
        let mut arguments = self
            .words
            .iter()
            .skip(1)
            .filter(|word| property(word.text).is_none());
        arguments.next().map(|word| word.text.trim_matches('"'))
    }

    /// The value of a property, without quotes.
    pub fn property(&self, name: &str) -> Option<&'t str> {
        let mut properties = self.words.iter().filter_map(|word| property(word.text));
        properties
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.trim_matches('"'))
    }
}

/// Name and value of a word that is a property.
fn property(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    (!name.contains(['"', '(', '#'])).then(|| (name.trim_end(), value.trim_start()))
}

impl<'t> Cursor<'t> {
    /// What stands at the byte `at` of `text`.
    pub fn at(text: &'t str, at: usize) -> Cursor<'t> {
        let pieces = cut(text, &marks(text)).pieces;
        let mut cursor = Cursor {
            around: Vec::new(),
            head: Head::default(),
            beside: Vec::new(),
            part: Part::Name,
            start: at,
            end: at,
        };
        cursor.descend(text, &pieces, at);
        let line = text
            .get(..at)
            .unwrap_or_default()
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        cursor.look(text, at, line);
        cursor
    }

    fn descend(&mut self, text: &'t str, pieces: &[Piece], at: usize) {
        let own = pieces.iter().find(|piece| piece.start <= at && at <= piece.end);
        let head = |piece: &Piece| {
            let end = piece.block.as_ref().map_or(piece.end, |block| block.open);
            Head::of(text, piece.start, end)
        };
        let inside = own.and_then(|piece| Some((piece, piece.block.as_ref()?)));
        if let Some((piece, block)) = inside.filter(|(piece, block)| {
            let whole = text
                .get(piece.start..piece.end)
                .and_then(|whole| whole.rfind('}'));
            let close = whole
                .filter(|_| block.whole)
                .map_or(piece.end, |close| piece.start + close);
            block.open < at && at <= close
        }) {
            self.around.push(head(piece));
            return self.descend(text, &block.pieces, at);
        }
        self.head = own.map(head).unwrap_or_default();
        let others = pieces
            .iter()
            .filter(|piece| own.is_none_or(|own| own.start != piece.start));
        self.beside = others.map(|piece| head(piece).name()).collect();
    }

    fn look(&mut self, text: &'t str, at: usize, line: &str) {
        let touches = |word: &&Word<'_>| word.start <= at && at <= word.start + word.text.len();
        let Some(word) = self.head.words.iter().find(touches).copied() else {
            let mut before = self.head.words.iter().filter(|word| word.start < at);
            let arguments = before
                .clone()
                .filter(|word| property(word.text).is_none())
                .count();
            let last = before.next_back().map_or(0, |word| word.start + word.text.len());
            let between = text.get(last.max(at - line.len())..at).unwrap_or_default();
            self.part = match arguments.checked_sub(1) {
                _ if between.contains("//") => Part::Comment,
                None => Part::Name,
                Some(number) => Part::Argument(number),
            };
            return;
        };
        (self.start, self.end) = (word.start, word.start + word.text.len());
        if word.leads {
            return;
        }
        self.part = match property(word.text) {
            Some((name, value)) => {
                let value_start = self.end - value.len();
                if at < value_start {
                    self.end = self.start + name.len();
                    Part::Property(name)
                } else {
                    self.start = value_start;
                    Part::Value(name)
                }
            }
            None => {
                let before = self
                    .head
                    .words
                    .iter()
                    .skip(1)
                    .filter(|other| other.start < word.start);
                Part::Argument(before.filter(|other| property(other.text).is_none()).count())
            }
        };
    }

    /// The name of the node around the one at hand, as the grammar table has it.
    pub fn parent(&self) -> &'t str {
        self.around.last().map_or(crate::syntax::grammar::TOP, Head::name)
    }

    /// The dotted name at `at` inside the text or value at hand, as a part of the file; empty where none is.
    pub fn reference(&self, text: &'t str, at: usize) -> (usize, usize) {
        let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        let before = text.get(self.start..at).unwrap_or_default();
        let after = text.get(at..self.end).unwrap_or_default();
        let start = before.rfind(|c| !belongs(c)).map_or(0, |place| {
            place
                + before
                    .get(place..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
        });
        let end = after.find(|c| !belongs(c)).unwrap_or(after.len());
        (self.start + start, at + end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cursor where `|` stands.
    fn at(marked: &'static str) -> (String, usize) {
        let place = marked.find('|').unwrap_or(marked.len());
        (marked.replace('|', ""), place)
    }

    #[test]
    fn parts_of_a_line_are_told_apart() {
        let known = [
            ("pipeline p {\n    st|\n}", Part::Name, "pipeline"),
            ("pipeline p {\n    |\n}", Part::Name, "pipeline"),
            (
                "pipeline p {\n  step a kind=tra|",
                Part::Value("kind"),
                "pipeline",
            ),
            (
                "pipeline p {\n  step a {\n    reads |\n  }\n}",
                Part::Argument(0),
                "step",
            ),
            (
                "pipeline p {\n  step a {\n    when \"b.auc > |\n  }\n}",
                Part::Argument(0),
                "step",
            ),
            (
                "pipeline p {\n  step a {\n    needs cores=2 mem|\n",
                Part::Argument(0),
                "step",
            ),
            ("pipeline p {\n  step a { reads b; wri| }\n}", Part::Name, "step"),
            ("pipeline p { // no|\n}", Part::Comment, "pipeline"),
            ("pip|", Part::Name, "top-level"),
        ];
        for (marked, part, parent) in known {
            let (text, place) = at(marked);
            let cursor = Cursor::at(&text, place);
            assert_eq!((cursor.part, cursor.parent()), (part, parent), "{marked}");
        }
    }
}
