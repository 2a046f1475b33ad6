//! Words and symbols of a condition.

use super::Literal;
use super::parse::Mistake;
use crate::quantity::{self, Quantity, QuantityType};

/// A word or symbol and where it begins.
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    pub(super) text: &'t str,
    pub(super) start: usize,
}

pub(super) enum TokenKind {
    Name,
    Literal(Literal),
    Symbol,
}

impl Token<'_> {
    /// True for this symbol or word (a quoted text is never one).
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, TokenKind::Name | TokenKind::Symbol)
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        let length = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '\'' => quoted(rest, at)?,
            c if c.is_ascii_digit() => word(rest, |c| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '/')
            }),
            '-' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) && !after_value(&found) => {
                1 + word(rest.get(1..).unwrap_or_default(), |c| {
                    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '/')
                })
            }
            c if c.is_ascii_alphabetic() => word(rest, |c| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
            }),
            _ => symbol(rest, at)?,
        };
        let part = rest.get(..length).unwrap_or(rest);
        found.push(Token {
            kind: kind(part, at)?,
            text: part,
            start: at,
        });
        at += length.max(1);
    }
    Ok(found)
}

/// After a value a `-` is a minus, elsewhere it begins a negative number.
fn after_value(found: &[Token<'_>]) -> bool {
    found
        .last()
        .is_some_and(|token| !matches!(token.kind, TokenKind::Symbol) || token.text == ")")
}

fn word(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn quoted(rest: &str, at: usize) -> Result<usize, Mistake> {
    let inner = rest.get(1..).unwrap_or_default();
    let end = inner
        .find('\'')
        .ok_or_else(|| Mistake::new("this text is not closed", at, rest.len()))?;
    Ok(end + 2)
}

fn symbol(rest: &str, at: usize) -> Result<usize, Mistake> {
    let two = ["==", "!=", "<=", ">="]
        .into_iter()
        .find(|symbol| rest.starts_with(symbol));
    let one = ["<", ">", "(", ")", ",", "+", "-", "*"]
        .into_iter()
        .find(|symbol| rest.starts_with(symbol));
    if let Some(symbol) = two.or(one) {
        return Ok(symbol.len());
    }
    let first = rest.chars().next().unwrap_or(' ');
    // `&&` is one mistake.
    let length = rest.chars().take_while(|c| *c == first).map(char::len_utf8).sum();
    let typed = rest.get(..length).unwrap_or_default();
    let mistake = Mistake::new(format!("`{typed}` means nothing here"), at, length);
    Err(match first {
        '=' => mistake.help("equality is `==`").fix("=="),
        '&' => mistake.help("write `and`").fix("and"),
        '|' => mistake.help("write `or`").fix("or"),
        '!' => mistake.help("write `not`").fix("not "),
        '"' => mistake.help("texts stand in single quotes"),
        '/' => mistake.help("there is no division: multiply the other side"),
        _ => mistake,
    })
}

fn kind(part: &str, at: usize) -> Result<TokenKind, Mistake> {
    if let Some(text) = part.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Ok(TokenKind::Literal(Literal::Text(text.to_owned())));
    }
    if part.starts_with(|c: char| c.is_ascii_digit()) || (part.len() > 1 && part.starts_with('-')) {
        return literal(part).map(TokenKind::Literal).ok_or_else(|| {
            Mistake::new(
                format!("`{part}` is neither a number nor a quantity"),
                at,
                part.len(),
            )
            .help("write quantities bare and without a space, such as `2h` or `500/s`")
        });
    }
    Ok(match part {
        "true" => TokenKind::Literal(Literal::Boolean(true)),
        "false" => TokenKind::Literal(Literal::Boolean(false)),
        name if name.starts_with(|c: char| c.is_ascii_alphabetic()) => TokenKind::Name,
        _ => TokenKind::Symbol,
    })
}

fn literal(text: &str) -> Option<Literal> {
    if let Ok(number) = text.replace('_', "").parse::<f64>() {
        return number.is_finite().then_some(Literal::Number(number));
    }
    let kinds = [
        QuantityType::Duration,
        QuantityType::Bytes,
        QuantityType::Rate,
        QuantityType::Percent,
    ];
    kinds
        .into_iter()
        .find_map(|kind| match quantity::parse(kind, text).ok()? {
            Quantity::Duration(seconds) => Some(Literal::Duration(seconds.0)),
            Quantity::Bytes(bytes) => Some(Literal::Bytes(bytes.as_f64())),
            Quantity::Rate(rate) => Some(Literal::Rate(rate.0)),
            Quantity::Percent(share) => Some(Literal::Percent(share.0)),
            Quantity::Bandwidth(_)
            | Quantity::Money { .. }
            | Quantity::Growth(_)
            | Quantity::Factor(_)
            | Quantity::Carbon { .. } => None,
        })
}
