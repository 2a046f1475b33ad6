//! What the layout works on: lines, nodes and their parts, with the comments that belong to them.

use super::lex::{Kind, Token};

/// The lines between two braces, or of a file.
#[derive(Debug, Default)]
pub struct Block<'t> {
    /// A comment after the opening brace.
    pub opening: Option<Token<'t>>,
    /// In order.
    pub lines: Vec<Line<'t>>,
    /// Typed on one line, without a comment in it.
    pub on_one_line: bool,
}

/// What stands on a line of its own.
#[derive(Debug)]
pub enum Line<'t> {
    /// One or more empty lines.
    Blank,
    /// A comment.
    Comment(Token<'t>),
    /// A node.
    Node(Node<'t>),
}

/// A node in the order of its parts.
#[derive(Debug)]
pub struct Node<'t> {
    /// Commented out by `/-`.
    pub dropped: bool,
    /// `(type)`
    pub annotation: Option<&'t str>,
    /// As typed.
    pub name: &'t str,
    /// What follows the name.
    pub parts: Vec<Part<'t>>,
    /// A comment after it on its last line.
    pub trailing: Option<Token<'t>>,
}

/// What may follow a node's name.
#[derive(Debug)]
pub enum Part<'t> {
    /// An argument or a property.
    Entry(Entry<'t>),
    /// `/* … */`
    Comment(&'t str),
    /// The node goes on in the next line; the comment after the `\`.
    Continuation(Option<&'t str>),
    /// `{ … }`
    Children {
        /// Commented out by `/-`.
        dropped: bool,
        /// What it holds.
        block: Block<'t>,
    },
}

/// An argument or a property.
#[derive(Debug)]
pub struct Entry<'t> {
    /// Commented out by `/-`.
    pub dropped: bool,
    /// The property's name as typed.
    pub name: Option<&'t str>,
    /// `(type)` of the value.
    pub annotation: Option<&'t str>,
    /// As typed.
    pub value: &'t str,
}

impl<'t> Block<'t> {
    /// Empty lines before what comes next; none at the front of a block.
    pub(super) fn blank(&mut self, newlines: usize) {
        if newlines > 1 && !self.lines.is_empty() {
            self.lines.push(Line::Blank);
        }
    }

    /// A comment: after the code of its line, or on a line of its own.
    pub(super) fn comment(&mut self, token: Token<'t>, newlines: usize, nested: bool) {
        let after_code = newlines == 0 && token.kind == Kind::LineComment;
        match self.lines.last_mut() {
            Some(Line::Node(node)) if after_code => node.trailing = Some(token),
            None if after_code && nested => self.opening = Some(token),
            Some(Line::Node(_) | Line::Comment(_) | Line::Blank) | None => {
                self.blank(newlines);
                self.lines.push(Line::Comment(token));
            }
        }
    }
}
