//! The parser of conditions: recursive descent over the grammar of the language reference, section 6.

use super::lex::{Token, TokenKind, tokens};
use super::{Aggregate, Comparison, Expr, Literal, Sign};
use crate::diag::{Code, Diagnostic, Diagnostics, Fix};
use crate::source::{Span, Spanned};
use crate::syntax::document::Path;

/// Deeper nesting than this is not a condition that anybody can read (and would exhaust the stack).
const DEEPEST: usize = 64;

/// Reads the condition in `text`, which stands (with its quotes) at `span`. Reports the first mistake.
pub fn parse(text: &str, span: Span, out: &mut Diagnostics) -> Option<Expr<Path>> {
    // Exact places need the text as it stands in the file: with one quote before it and no escapes.
    let exact = span.length() == text.len() + 2;
    let place = |start: usize, length: usize| if exact { span.part(start + 1, length) } else { span };
    let result = tokens(text).and_then(|tokens| {
        let mut parser = Parser {
            tokens: &tokens,
            next: 0,
            place: &place,
            depth: 0,
            end: text.len(),
        };
        let expression = parser.condition()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(Mistake::at(token, "this follows a complete condition")),
        }
    });
    match result {
        Ok(expression) => Some(expression),
        Err(mistake) => {
            let span = place(mistake.start, mistake.length.max(1));
            let found = Diagnostic::new(
                Code::ConditionSyntax,
                span,
                "here",
                format!("not a condition: {}", mistake.what),
            );
            let fix = mistake.fix.filter(|_| exact).map(|text| Fix {
                span,
                text: text.to_owned(),
            });
            out.push(found.maybe_help(mistake.help).maybe_fix(fix));
            None
        }
    }
}

/// Why a text is no condition, at which bytes of it.
pub(super) struct Mistake {
    pub(super) what: String,
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) help: Option<String>,
    /// What to write in its place.
    pub(super) fix: Option<&'static str>,
}

impl Mistake {
    pub(super) fn new(what: impl Into<String>, start: usize, length: usize) -> Mistake {
        Mistake {
            what: what.into(),
            start,
            length,
            help: None,
            fix: None,
        }
    }

    fn at(token: &Token<'_>, what: impl Into<String>) -> Mistake {
        Mistake::new(what, token.start, token.text.len())
    }

    pub(super) fn help(mut self, help: &str) -> Mistake {
        self.help = Some(help.to_owned());
        self
    }

    pub(super) fn fix(mut self, text: &'static str) -> Mistake {
        self.fix = Some(text);
        self
    }
}

type Parsed = Result<Expr<Path>, Mistake>;

struct Parser<'t, 'p> {
    tokens: &'t [Token<'t>],
    next: usize,
    place: &'p dyn Fn(usize, usize) -> Span,
    depth: usize,
    end: usize,
}

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<&'t Token<'t>> {
        let token = self.tokens.get(self.next);
        self.next += usize::from(token.is_some());
        token
    }

    fn accept(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(text));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Result<(), Mistake> {
        if self.accept(text) {
            return Ok(());
        }
        Err(self.here(format!("a `{text}` is missing")))
    }

    fn here(&self, what: impl Into<String>) -> Mistake {
        match self.peek() {
            Some(token) => Mistake::at(token, what),
            None => Mistake::new(what, self.end.saturating_sub(1), 1),
        }
    }

    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.here("it is nested too deeply"));
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn condition(&mut self) -> Parsed {
        let mut parts = vec![self.conjunction()?];
        while self.accept("or") {
            parts.push(self.conjunction()?);
        }
        Ok(single_or(parts, Expr::Or))
    }

    fn conjunction(&mut self) -> Parsed {
        let mut parts = vec![self.negation()?];
        while self.accept("and") {
            parts.push(self.negation()?);
        }
        Ok(single_or(parts, Expr::And))
    }

    fn negation(&mut self) -> Parsed {
        if self.accept("not") {
            return Ok(Expr::Not(Box::new(self.nested(Parser::negation)?)));
        }
        for (word, make) in [
            ("any", Expr::Any as fn(Box<Expr<Path>>) -> Expr<Path>),
            ("all", Expr::All),
        ] {
            if self.accept(word) {
                self.expect("(")?;
                let inner = self.nested(Parser::condition)?;
                self.expect(")")?;
                return Ok(make(Box::new(inner)));
            }
        }
        if self.accept("(") {
            let inner = self.nested(Parser::condition)?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let Some(token) = self.peek() else {
            return flag(left, self);
        };
        if token.is("in") {
            self.next += 1;
            return self.membership(left);
        }
        let Some(comparison) = comparison(token.text) else {
            return flag(left, self);
        };
        self.next += 1;
        let right = self.sum()?;
        Ok(Expr::Compare(comparison, Box::new(left), Box::new(right)))
    }

    fn membership(&mut self, left: Expr<Path>) -> Parsed {
        self.expect("(")?;
        let mut values = Vec::new();
        loop {
            let Expr::Literal(value) = self.operand()? else {
                return Err(self.here("`in (…)` takes plain values"));
            };
            values.push(value.value);
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(Expr::In(Box::new(left), values))
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let sign = match self.peek() {
                Some(token) if token.is("+") => Sign::Plus,
                Some(token) if token.is("-") => Sign::Minus,
                _ => return Ok(left),
            };
            self.next += 1;
            left = Expr::Sum(Box::new(left), sign, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.operand()?;
        while self.accept("*") {
            let Some(token) = self.take() else {
                return Err(self.here("a number is missing after `*`"));
            };
            let TokenKind::Literal(Literal::Number(factor)) = token.kind else {
                return Err(Mistake::at(token, "only a number may stand after `*`"));
            };
            left = Expr::Product(Box::new(left), factor);
        }
        Ok(left)
    }

    fn operand(&mut self) -> Parsed {
        let Some(token) = self.take() else {
            return Err(self.here("it ends too early"));
        };
        let span = (self.place)(token.start, token.text.len());
        match &token.kind {
            TokenKind::Literal(literal) => Ok(Expr::Literal(Spanned::new(literal.clone(), span))),
            TokenKind::Symbol => Err(Mistake::at(
                token,
                format!("a value is missing before `{}`", token.text),
            )),
            TokenKind::Name => {
                if token.is("previous") && self.accept("(") {
                    return self.previous();
                }
                if let Some(aggregate) = aggregate(token.text)
                    && self.accept("(")
                {
                    let inner = self.reference()?;
                    self.expect(")")?;
                    return Ok(Expr::Aggregate(aggregate, inner));
                }
                Ok(Expr::Reference(Spanned::new(path(token.text), span)))
            }
        }
    }

    fn reference(&mut self) -> Result<Spanned<Path>, Mistake> {
        match self.take() {
            Some(token) if matches!(token.kind, TokenKind::Name) => Ok(Spanned::new(
                path(token.text),
                (self.place)(token.start, token.text.len()),
            )),
            Some(token) => Err(Mistake::at(
                token,
                "an output such as `backtest.recall` belongs here",
            )),
            None => Err(self.here("an output such as `backtest.recall` belongs here")),
        }
    }

    fn previous(&mut self) -> Parsed {
        let of = self.nested(Parser::operand)?;
        if !matches!(of, Expr::Reference(_) | Expr::Aggregate(..)) {
            return Err(self.here("`previous` takes an output or an aggregate, then a default"));
        }
        if !self.accept(",") {
            return Err(self
                .here("`previous` needs a default")
                .help("such as `previous(train.auc, 0)`"));
        }
        let Expr::Literal(default) = self.operand()? else {
            return Err(self.here("the default is a plain value"));
        };
        self.expect(")")?;
        Ok(Expr::Previous(Box::new(of), default.value))
    }
}

/// A value alone is a condition only if it is a reference (to a boolean) or `true`, `false`.
fn flag(value: Expr<Path>, parser: &Parser<'_, '_>) -> Parsed {
    match &value {
        Expr::Reference(_)
        | Expr::Literal(Spanned {
            value: Literal::Boolean(_),
            ..
        }) => Ok(value),
        _ => Err(parser
            .here("a comparison is missing")
            .help("such as `train.auc > 0.8`")),
    }
}

fn single_or(mut parts: Vec<Expr<Path>>, make: fn(Vec<Expr<Path>>) -> Expr<Path>) -> Expr<Path> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => make(parts.into_iter().chain(last).collect()),
    }
}

fn path(text: &str) -> Path {
    Path(text.split('.').map(str::to_owned).collect())
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Greater,
        ">=" => Comparison::AtLeast,
        _ => return None,
    })
}

fn aggregate(text: &str) -> Option<Aggregate> {
    Some(match text {
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "mean" => Aggregate::Mean,
        "sum" => Aggregate::Sum,
        "count" => Aggregate::Count,
        _ => return None,
    })
}
