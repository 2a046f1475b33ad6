//! Conditions of others (`a == b && c`, as govaluate and expr write them) -> conditions of the language.

use super::text::{Reference, Text};

/// Brackets in brackets that are followed; a person writes two or three.
const DEEPEST: usize = 32;

/// What must hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Always, or never.
    Constant(bool),
    /// Two values compared, by an operator of the language.
    Compare(Operand, &'static str, Operand),
    /// The opposite.
    Not(Box<Condition>),
    /// Both.
    Both(Box<Condition>, Box<Condition>),
    /// At least one.
    Either(Box<Condition>, Box<Condition>),
}

/// A side of a comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A text or a number, as a text.
    Literal(String),
    /// What a run knows.
    Reference(Reference),
}

impl Condition {
    /// All comparisons.
    pub fn comparisons(&self) -> Vec<(&Operand, &'static str, &Operand)> {
        match self {
            Condition::Constant(_) => Vec::new(),
            Condition::Compare(left, operator, right) => vec![(left, operator, right)],
            Condition::Not(of) => of.comparisons(),
            Condition::Both(left, right) | Condition::Either(left, right) => {
                let mut all = left.comparisons();
                all.extend(right.comparisons());
                all
            }
        }
    }

    /// All references.
    pub fn references(&self) -> Vec<&Reference> {
        let sides = self
            .comparisons()
            .into_iter()
            .flat_map(|(left, _, right)| [left, right]);
        let references = sides.filter_map(|side| match side {
            Operand::Reference(reference) => Some(reference),
            Operand::Literal(_) => None,
        });
        references.collect()
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Token {
    And,
    Or,
    Not,
    Open,
    Close,
    Operator(&'static str),
    Operand(Text),
}

/// Reads a condition. `resolve` gives a word and what stands in quotes their meaning: for a word that is no reference,
/// itself.
///
/// # Errors
/// The part that has no counterpart.
pub fn parse(text: &str, resolve: &mut dyn FnMut(&str, Quoted) -> Option<Text>) -> Result<Condition, String> {
    let tokens = tokens(text, resolve)?;
    let mut reader = Reader {
        tokens: &tokens,
        depth: 0,
    };
    let condition = reader.either()?;
    match reader.tokens.first() {
        None => Ok(condition),
        Some(token) => Err(format!("{token:?} in `{text}`")),
    }
}

/// Whether a word stood in quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quoted {
    /// It did.
    Yes,
    /// It did not.
    No,
}

const OPERATORS: [(&str, Token); 9] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Operator("==")),
    ("!=", Token::Operator("!=")),
    ("<=", Token::Operator("<=")),
    (">=", Token::Operator(">=")),
    ("<", Token::Operator("<")),
    (">", Token::Operator(">")),
    ("!", Token::Not),
];

fn tokens(text: &str, resolve: &mut dyn FnMut(&str, Quoted) -> Option<Text>) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some((word, token)) = OPERATORS.iter().find(|(word, _)| rest.starts_with(word)) {
            found.push(token.clone());
            rest = rest.get(word.len()..).unwrap_or_default();
        } else if first == '(' || first == ')' {
            found.push(if first == '(' { Token::Open } else { Token::Close });
            rest = rest.get(1..).unwrap_or_default();
        } else if first == '\'' || first == '"' {
            let inside = rest.get(1..).unwrap_or_default();
            let end = inside.find(first).ok_or_else(|| format!("a quote in `{text}`"))?;
            let quoted = inside.get(..end).unwrap_or_default();
            found.push(operand(quoted, Quoted::Yes, resolve)?);
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            let end = word_end(rest);
            let word = rest.get(..end).unwrap_or_default();
            found.push(match word {
                "and" => Token::And,
                "or" => Token::Or,
                "not" => Token::Not,
                word => operand(word, Quoted::No, resolve)?,
            });
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

fn operand(
    word: &str,
    quoted: Quoted,
    resolve: &mut dyn FnMut(&str, Quoted) -> Option<Text>,
) -> Result<Token, String> {
    let text = resolve(word, quoted).ok_or_else(|| format!("`{word}`"))?;
    Ok(Token::Operand(text))
}

/// The length of the word that a text begins with; what is in double braces or square brackets belongs to it.
fn word_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let closing = match c {
            '{' if rest.starts_with("{{") => "}}",
            '[' => "]",
            c if c.is_whitespace() || "()!=<>&|'\"".contains(c) => break,
            _ => "",
        };
        at += match rest.find(closing) {
            Some(end) if !closing.is_empty() => end + closing.len(),
            Some(_) | None => c.len_utf8(),
        };
    }
    at.max(text.chars().next().map_or(0, char::len_utf8))
}

struct Reader<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Reader<'_> {
    fn next_is(&mut self, token: &Token) -> bool {
        let is = self.tokens.first() == Some(token);
        if is {
            self.tokens = self.tokens.get(1..).unwrap_or_default();
        }
        is
    }

    fn either(&mut self) -> Result<Condition, String> {
        let mut condition = self.both()?;
        while self.next_is(&Token::Or) {
            condition = Condition::Either(Box::new(condition), Box::new(self.both()?));
        }
        Ok(condition)
    }

    fn both(&mut self) -> Result<Condition, String> {
        let mut condition = self.one()?;
        while self.next_is(&Token::And) {
            condition = Condition::Both(Box::new(condition), Box::new(self.one()?));
        }
        Ok(condition)
    }

    fn one(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("brackets so deep".to_owned());
        }
        let condition = if self.next_is(&Token::Not) {
            Ok(Condition::Not(Box::new(self.one()?)))
        } else if self.next_is(&Token::Open) {
            let inside = self.either()?;
            if self.next_is(&Token::Close) {
                Ok(inside)
            } else {
                Err("a bracket that is not closed".to_owned())
            }
        } else {
            self.comparison()
        };
        self.depth -= 1;
        condition
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let left = self.operand()?;
        let Some(Token::Operator(operator)) = self.tokens.first() else {
            return Ok(flag(left));
        };
        self.tokens = self.tokens.get(1..).unwrap_or_default();
        let right = self.operand()?;
        Ok(match (&left, &right) {
            (Operand::Literal(left), Operand::Literal(right)) => {
                Condition::Constant(holds(left, operator, right))
            }
            (Operand::Literal(_) | Operand::Reference(_), _) => Condition::Compare(left, operator, right),
        })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let Some(Token::Operand(text)) = self.tokens.first() else {
            return Err("an operator without a value".to_owned());
        };
        self.tokens = self.tokens.get(1..).unwrap_or_default();
        match (text.constant(), text.single()) {
            (Some(literal), _) => Ok(Operand::Literal(literal.to_owned())),
            (None, Some(reference)) => Ok(Operand::Reference(reference.clone())),
            (None, None) => Err("a text that is put together".to_owned()),
        }
    }
}

/// A value that stands alone must be true.
fn flag(operand: Operand) -> Condition {
    match operand {
        Operand::Literal(text) => Condition::Constant(text == "true"),
        reference @ Operand::Reference(_) => {
            Condition::Compare(reference, "==", Operand::Literal("true".to_owned()))
        }
    }
}

/// A comparison of what is known: of numbers where both are, else of texts.
fn holds(left: &str, operator: &str, right: &str) -> bool {
    let order = match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.partial_cmp(&right),
        (Ok(_), Err(_)) | (Err(_), Ok(_) | Err(_)) => Some(left.cmp(right)),
    };
    order.is_some_and(|order| match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    })
}
