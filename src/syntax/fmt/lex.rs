//! KDL text -> tokens that keep every byte worth keeping. The text has been parsed before, so nothing here can fail:
//! a character that fits nowhere is a word.

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Spaces and tabs.
    Space,
    /// The end of a line.
    Newline,
    /// `// …` without the end of its line.
    LineComment,
    /// `/* … */`, nested ones included.
    BlockComment,
    /// `\` and whatever follows it to the next line, a comment included.
    Continuation,
    /// `/-`
    SlashDash,
    /// A name, string, number or keyword.
    Word,
    /// `=`
    Equals,
    /// `(`
    OpenParenthesis,
    /// `)`
    CloseParenthesis,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `;`
    Semicolon,
}

/// A piece of text and where it stands in its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'t> {
    /// What it is.
    pub kind: Kind,
    /// As typed.
    pub text: &'t str,
    /// Characters of the line before it.
    pub column: usize,
    /// Characters of the line before the first that is not a space.
    pub indent: usize,
    /// Characters of space right before it.
    pub gap: usize,
}

const NEWLINES: [char; 7] = ['\r', '\n', '\u{85}', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'];

fn is_space(c: char) -> bool {
    !NEWLINES.contains(&c) && (c.is_whitespace() || c == '\u{feff}')
}

fn ends_word(c: char) -> bool {
    NEWLINES.contains(&c) || is_space(c) || "(){}[]=;\"#\\/".contains(c)
}

/// All tokens of `text`; their texts joined are `text`.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let (mut column, mut indent, mut gap) = (0, 0, 0);
    while !rest.is_empty() {
        let (kind, length) = next(rest);
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if kind == Kind::Space && column == 0 {
            indent = piece.chars().count();
        }
        tokens.push(Token {
            kind,
            text: piece,
            column,
            indent,
            gap,
        });
        gap = if kind == Kind::Space {
            piece.chars().count()
        } else {
            0
        };
        match piece.rfind(NEWLINES).and_then(|at| piece.get(at..)) {
            Some(last_line) => {
                column = last_line.chars().count() - 1;
                indent = last_line.chars().skip(1).take_while(|c| is_space(*c)).count();
            }
            None => column += piece.chars().count(),
        }
        rest = after;
    }
    tokens
}

/// Kind and length in bytes of the token at the front of `rest`.
fn next(rest: &str) -> (Kind, usize) {
    let Some(first) = rest.chars().next() else {
        return (Kind::Word, 0);
    };
    let until = |stop: &dyn Fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    match first {
        '\r' if rest.starts_with("\r\n") => (Kind::Newline, 2),
        c if NEWLINES.contains(&c) => (Kind::Newline, c.len_utf8()),
        c if is_space(c) => (Kind::Space, until(&|c| !is_space(c))),
        '/' if rest.starts_with("//") => (Kind::LineComment, until(&|c| NEWLINES.contains(&c))),
        '/' if rest.starts_with("/*") => (Kind::BlockComment, block_comment(rest)),
        '/' if rest.starts_with("/-") => (Kind::SlashDash, 2),
        '\\' => (Kind::Continuation, continuation(rest)),
        '=' => (Kind::Equals, 1),
        '(' => (Kind::OpenParenthesis, 1),
        ')' => (Kind::CloseParenthesis, 1),
        '{' => (Kind::OpenBrace, 1),
        '}' => (Kind::CloseBrace, 1),
        ';' => (Kind::Semicolon, 1),
        '"' => (Kind::Word, quoted(rest)),
        '#' => (Kind::Word, raw_or_keyword(rest)),
        c => (Kind::Word, until(&ends_word).max(c.len_utf8())),
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// `\`, spaces, perhaps comments, and the end of the line.
fn continuation(text: &str) -> usize {
    let mut at = 1;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = next(rest);
        at += match kind {
            Kind::Space | Kind::BlockComment | Kind::LineComment => length,
            Kind::Newline => return at + length,
            Kind::Continuation
            | Kind::SlashDash
            | Kind::Word
            | Kind::Equals
            | Kind::OpenParenthesis
            | Kind::CloseParenthesis
            | Kind::OpenBrace
            | Kind::CloseBrace
            | Kind::Semicolon => return at,
        };
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let fence = if text.starts_with("\"\"\"") {
        "\"\"\""
    } else {
        "\""
    };
    let mut at = fence.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(fence) {
            return at + fence.len();
        }
        let escaped = rest.strip_prefix('\\').and_then(|after| after.chars().next());
        at += match escaped {
            Some(c) => 1 + c.len_utf8(),
            None => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    text.len()
}

/// `#"…"#` with any number of `#`, also in the multi-line form, or a keyword such as `#true`.
fn raw_or_keyword(text: &str) -> usize {
    let hashes = text.find(|c| c != '#').unwrap_or(text.len());
    let (fence, after) = text.split_at_checked(hashes).unwrap_or((text, ""));
    if !after.starts_with('"') {
        return hashes + after.find(ends_word).unwrap_or(after.len());
    }
    let quotes = if after.starts_with("\"\"\"") {
        "\"\"\""
    } else {
        "\""
    };
    let body = hashes + quotes.len();
    let close = format!("{quotes}{fence}");
    let found = text.get(body..).and_then(|rest| rest.find(&close));
    found.map_or(text.len(), |at| body + at + close.len())
}
