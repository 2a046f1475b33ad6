//! Tokens -> lines: which comment belongs to which line, which words make one entry.

use super::lex::{Kind, Token};
use super::line::{Block, Entry, Line, Node, Part};

/// Reads a whole file.
pub fn read<'t>(tokens: &[Token<'t>]) -> Block<'t> {
    Reader { tokens, at: 0 }.block()
}

struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
}

impl<'t> Reader<'_, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn next_if(&mut self, kind: Kind) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    fn block(&mut self) -> Block<'t> {
        let start = self.at;
        let mut block = Block::default();
        let mut newlines = 0;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::CloseBrace => break,
                Kind::Newline => newlines += 1,
                Kind::LineComment | Kind::BlockComment => block.comment(token, newlines, start > 0),
                // Between nodes it joins nothing.
                Kind::Continuation => block.lines.extend(comment_of(token).map(Line::Comment)),
                Kind::SlashDash | Kind::Word | Kind::OpenParenthesis => {
                    block.blank(newlines);
                    self.node(&mut block);
                }
                Kind::Space | Kind::Semicolon | Kind::Equals | Kind::CloseParenthesis | Kind::OpenBrace => {}
            }
            if !starts_node(token.kind) {
                self.at += 1;
            }
            if !matches!(token.kind, Kind::Newline | Kind::Space) {
                newlines = 0;
            }
        }
        let inside = self.tokens.get(start..self.at).unwrap_or_default();
        block.on_one_line = !inside.iter().any(|token| {
            matches!(token.kind, Kind::LineComment | Kind::BlockComment) || token.text.contains(['\n', '\r'])
        });
        self.next_if(Kind::CloseBrace);
        block
    }

    /// Reads a node into `block`, before it the comments that stand between `/-` and its name.
    fn node(&mut self, block: &mut Block<'t>) {
        let dropped = self.next_if(Kind::SlashDash).is_some();
        self.skip(&mut |token| block.lines.push(Line::Comment(token)));
        let mut parts = Vec::new();
        let annotation = self.annotation(&mut parts);
        let name = self.next_if(Kind::Word).map_or("", |token| token.text);
        self.parts(&mut parts);
        while matches!(parts.last(), Some(Part::Continuation(None))) {
            parts.pop();
        }
        block.lines.push(Line::Node(Node {
            dropped,
            annotation,
            name,
            parts,
            trailing: None,
        }));
    }

    fn parts(&mut self, parts: &mut Vec<Part<'t>>) {
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Space | Kind::BlockComment | Kind::Continuation => self.gap(parts),
                Kind::Word | Kind::OpenParenthesis => self.entry(false, parts),
                Kind::OpenBrace => parts.push(self.children(false)),
                Kind::SlashDash => {
                    self.at += 1;
                    self.skip(&mut |token| parts.extend(aside(token)));
                    if self.peek().is_some_and(|token| token.kind == Kind::OpenBrace) {
                        parts.push(self.children(true));
                    } else {
                        self.entry(true, parts);
                    }
                }
                Kind::Newline
                | Kind::LineComment
                | Kind::Semicolon
                | Kind::CloseBrace
                | Kind::CloseParenthesis
                | Kind::Equals => return,
            }
        }
    }

    fn children(&mut self, dropped: bool) -> Part<'t> {
        self.at += 1;
        let block = self.block();
        Part::Children { dropped, block }
    }

    /// One entry; comments inside it go before it.
    fn entry(&mut self, dropped: bool, parts: &mut Vec<Part<'t>>) {
        let mut annotation = self.annotation(parts);
        let Some(word) = self.next_if(Kind::Word) else {
            self.at += 1;
            return;
        };
        let mut entry = Entry {
            dropped,
            name: None,
            annotation,
            value: word.text,
        };
        let back = (self.at, parts.len());
        self.gap(parts);
        if self.next_if(Kind::Equals).is_some() {
            self.gap(parts);
            annotation = self.annotation(parts);
            let value = self.next_if(Kind::Word).map_or("", |token| token.text);
            entry = Entry {
                dropped,
                name: Some(word.text),
                annotation,
                value,
            };
        } else {
            self.at = back.0;
            parts.truncate(back.1);
        }
        parts.push(Part::Entry(entry));
    }

    /// `(type)` and the gap after it.
    fn annotation(&mut self, parts: &mut Vec<Part<'t>>) -> Option<&'t str> {
        self.next_if(Kind::OpenParenthesis)?;
        self.gap(parts);
        let name = self.next_if(Kind::Word)?.text;
        self.gap(parts);
        self.next_if(Kind::CloseParenthesis);
        self.gap(parts);
        Some(name)
    }

    /// What may stand between the words of a node.
    fn gap(&mut self, parts: &mut Vec<Part<'t>>) {
        let between = |kind| matches!(kind, Kind::Space | Kind::BlockComment | Kind::Continuation);
        while let Some(token) = self.peek().filter(|token| between(token.kind)) {
            parts.extend(aside(token));
            self.at += 1;
        }
    }

    /// What may stand after `/-`: also ends of lines.
    fn skip(&mut self, comment: &mut dyn FnMut(Token<'t>)) {
        while let Some(token) = self.peek().filter(|token| !starts_node(token.kind)) {
            match token.kind {
                Kind::BlockComment | Kind::LineComment => comment(token),
                Kind::Continuation => comment_of(token).into_iter().for_each(&mut *comment),
                Kind::Space | Kind::Newline => {}
                Kind::SlashDash
                | Kind::Word
                | Kind::Equals
                | Kind::OpenParenthesis
                | Kind::CloseParenthesis
                | Kind::OpenBrace
                | Kind::CloseBrace
                | Kind::Semicolon => return,
            }
            self.at += 1;
        }
    }
}

fn starts_node(kind: Kind) -> bool {
    matches!(kind, Kind::SlashDash | Kind::Word | Kind::OpenParenthesis)
}

/// What stands between two words of a node, if it is more than a space.
fn aside<'t>(token: Token<'t>) -> Option<Part<'t>> {
    match token.kind {
        Kind::BlockComment => Some(Part::Comment(token.text)),
        Kind::LineComment => Some(Part::Continuation(Some(token.text.trim_end()))),
        Kind::Continuation => Some(Part::Continuation(comment_of(token).map(|comment| comment.text))),
        Kind::Space
        | Kind::Newline
        | Kind::SlashDash
        | Kind::Word
        | Kind::Equals
        | Kind::OpenParenthesis
        | Kind::CloseParenthesis
        | Kind::OpenBrace
        | Kind::CloseBrace
        | Kind::Semicolon => None,
    }
}

/// The comment after a `\`.
fn comment_of(continuation: Token<'_>) -> Option<Token<'_>> {
    let text = continuation.text.strip_prefix('\\')?.trim();
    let kind = Kind::LineComment;
    (!text.is_empty()).then_some(Token {
        kind,
        text,
        ..continuation
    })
}
