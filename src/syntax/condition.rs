//! Conditions: the language inside `when`, parsed with spans inside the string.

mod lex;
mod parse;

pub use parse::parse;

use serde::Serialize;

use crate::source::Spanned;

/// A condition or a value in one; `R` is what stands for a reference: dotted names as typed, or what they mean.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expr<R> {
    /// At least one.
    Or(Vec<Expr<R>>),
    /// All of them.
    And(Vec<Expr<R>>),
    /// Not so.
    Not(Box<Expr<R>>),
    /// True for at least one item of a fan-out.
    Any(Box<Expr<R>>),
    /// True for all items of a fan-out.
    All(Box<Expr<R>>),
    /// Two values compared.
    Compare(Comparison, Box<Expr<R>>, Box<Expr<R>>),
    /// One of these.
    In(Box<Expr<R>>, Vec<Literal>),
    /// `+ -`
    Sum(Box<Expr<R>>, Sign, Box<Expr<R>>),
    /// A value times a number.
    Product(Box<Expr<R>>, f64),
    /// `min max mean sum count` over the items of a fan-out.
    Aggregate(Aggregate, Spanned<R>),
    /// The value in the last run that succeeded, or this.
    Previous(Box<Expr<R>>, Literal),
    /// A reference.
    Reference(Spanned<R>),
    /// A value as written.
    Literal(Spanned<Literal>),
}

/// A value as written.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Literal {
    /// A number.
    Number(f64),
    /// A duration in seconds.
    Duration(f64),
    /// A size in bytes.
    Bytes(f64),
    /// A rate per second.
    Rate(f64),
    /// A share of one.
    Percent(f64),
    /// A text in single quotes.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Comparison {
    /// `==`
    #[serde(rename = "==")]
    Equal,
    /// `!=`
    #[serde(rename = "!=")]
    NotEqual,
    /// `<`
    #[serde(rename = "<")]
    Less,
    /// `<=`
    #[serde(rename = "<=")]
    AtMost,
    /// `>`
    #[serde(rename = ">")]
    Greater,
    /// `>=`
    #[serde(rename = ">=")]
    AtLeast,
}

impl Comparison {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }

    /// What holds when this does not.
    #[must_use]
    pub fn opposite(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::AtLeast,
            Comparison::AtMost => Comparison::Greater,
            Comparison::Greater => Comparison::AtMost,
            Comparison::AtLeast => Comparison::Less,
        }
    }

    /// What holds of the other side: `a < b` is `b > a`.
    #[must_use]
    pub fn mirrored(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::Equal,
            Comparison::NotEqual => Comparison::NotEqual,
            Comparison::Less => Comparison::Greater,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::Greater => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
        }
    }

    /// True if it holds between two numbers.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
        }
    }

    /// This comparison, or its opposite: of each two opposites, one.
    #[must_use]
    pub fn unnegated(self) -> Comparison {
        match self {
            Comparison::Equal | Comparison::NotEqual => Comparison::Equal,
            Comparison::Less | Comparison::AtLeast => Comparison::Less,
            Comparison::AtMost | Comparison::Greater => Comparison::AtMost,
        }
    }
}

/// Plus or minus.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Sign {
    /// `+`
    #[serde(rename = "+")]
    Plus,
    /// `-`
    #[serde(rename = "-")]
    Minus,
}

/// One value from a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// Arithmetic mean.
    Mean,
    /// Sum.
    Sum,
    /// Number of items.
    Count,
}

impl Aggregate {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Mean => "mean",
            Aggregate::Sum => "sum",
            Aggregate::Count => "count",
        }
    }
}

impl<R> Expr<R> {
    /// All references whose value in this run it needs (`previous` needs none).
    pub fn references(&self) -> Vec<&R> {
        match self {
            Expr::Or(parts) | Expr::And(parts) => parts.iter().flat_map(Expr::references).collect(),
            Expr::Not(inner)
            | Expr::Any(inner)
            | Expr::All(inner)
            | Expr::Product(inner, _)
            | Expr::In(inner, _) => inner.references(),
            Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
                left.references().into_iter().chain(right.references()).collect()
            }
            Expr::Aggregate(_, reference) | Expr::Reference(reference) => vec![&reference.value],
            Expr::Previous(..) | Expr::Literal(_) => Vec::new(),
        }
    }
}
