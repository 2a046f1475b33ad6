//! As much of expr-lang as Argo is told: parsed strictly, evaluated lazily.

use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub enum Expr {
    Literal(Value),
    Name(String),
    /// `#`, the current item.
    Item,
    List(Vec<Expr>),
    Map(Vec<(String, Expr)>),
    Member(Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Binary(String, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// # Errors
/// Says what could not be read.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let parsed = parser.choice()?;
    match parser.tokens.get(parser.at) {
        None => Ok(parsed),
        Some(left) => Err(format!("`{left}` is left over in {text}")),
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        let start = at;
        if c.is_whitespace() {
            at += 1;
            continue;
        } else if c == '"' || c == '\'' {
            at += 1;
            while *characters
                .get(at)
                .ok_or_else(|| format!("an open text in {text}"))?
                != c
            {
                at += if characters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c.is_ascii_digit() {
            while characters
                .get(at)
                .is_some_and(|c| c.is_ascii_digit() || *c == '.')
                && characters.get(at..at + 2) != Some(&['.', '.'])
            {
                at += 1;
            }
        } else if c.is_alphabetic() || c == '_' {
            while characters
                .get(at)
                .is_some_and(|c| c.is_alphanumeric() || *c == '_')
            {
                at += 1;
            }
        } else {
            let two: String = characters.iter().skip(at).take(2).collect();
            let long = ["==", "!=", "<=", ">=", "??", "..", "&&", "||"].contains(&two.as_str());
            at += if long { 2 } else { 1 };
        }
        found.push(characters[start..at].iter().collect());
    }
    Ok(found)
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

/// From loose to tight.
const LEVELS: [&[&str]; 6] = [
    &["or", "||"],
    &["and", "&&"],
    &["==", "!=", "<", "<=", ">", ">=", "in", "not in", "matches"],
    &[".."],
    &["+", "-"],
    &["*", "/"],
];

impl Parser {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        match self.take(token) {
            true => Ok(()),
            false => Err(format!(
                "`{}` where `{token}` belongs: {}",
                self.peek(),
                self.tokens.concat()
            )),
        }
    }

    fn choice(&mut self) -> Result<Expr, String> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.choice()?;
        self.expect(":")?;
        Ok(Expr::Choice(condition.into(), yes.into(), self.choice()?.into()))
    }

    fn binary(&mut self, level: usize) -> Result<Expr, String> {
        let Some(signs) = LEVELS.get(level) else {
            return self.otherwise();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            let sign = match (self.peek(), self.tokens.get(self.at + 1).map(String::as_str)) {
                ("not", Some("in")) => "not in".to_owned(),
                (sign, _) => sign.to_owned(),
            };
            if !signs.contains(&sign.as_str()) {
                return Ok(left);
            }
            self.at += sign.split(' ').count();
            let right = self.binary(level + 1)?;
            left = Expr::Binary(sign, left.into(), right.into());
        }
    }

    fn otherwise(&mut self) -> Result<Expr, String> {
        let mut left = self.unary()?;
        while self.take("??") {
            left = Expr::Binary("??".to_owned(), left.into(), self.unary()?.into());
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.take("not") || self.take("!") {
            return Ok(Expr::Not(self.unary()?.into()));
        }
        if self.take("-") {
            let zero = Expr::Literal(json!(0));
            return Ok(Expr::Binary("-".to_owned(), zero.into(), self.unary()?.into()));
        }
        let mut value = self.primary()?;
        loop {
            if self.take("[") {
                let key = self.choice()?;
                self.expect("]")?;
                value = Expr::Member(value.into(), key.into());
            } else if self.take(".") {
                let name = self.peek().to_owned();
                self.at += 1;
                value = match (&value, self.peek()) {
                    (Expr::Name(library), "(") => {
                        let whole = format!("{library}.{name}");
                        self.call(whole)?
                    }
                    _ => Expr::Member(value.into(), Expr::Literal(json!(name)).into()),
                };
            } else {
                return Ok(value);
            }
        }
    }

    fn call(&mut self, name: String) -> Result<Expr, String> {
        self.expect("(")?;
        Ok(Expr::Call(name, self.list(")")?))
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let mut all = Vec::new();
        while !self.take(end) {
            if !all.is_empty() {
                self.expect(",")?;
            }
            all.push(self.choice()?);
        }
        Ok(all)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().to_owned();
        self.at += 1;
        let first = token.chars().next().ok_or("nothing where a value belongs")?;
        Ok(match token.as_str() {
            "(" => {
                let inner = self.choice()?;
                self.expect(")")?;
                inner
            }
            "[" => Expr::List(self.list("]")?),
            "{" => self.map()?,
            "#" => Expr::Item,
            "true" | "false" => Expr::Literal(json!(token == "true")),
            "nil" => Expr::Literal(Value::Null),
            _ if first == '"' || first == '\'' => Expr::Literal(json!(unquoted(&token))),
            _ if first.is_ascii_digit() => {
                let number: f64 = token.parse().map_err(|_| format!("no number: {token}"))?;
                Expr::Literal(json!(number))
            }
            _ if first.is_alphabetic() && self.peek() == "(" => self.call(token)?,
            _ if first.is_alphabetic() => Expr::Name(token),
            _ => {
                return Err(format!(
                    "`{token}` where a value belongs: {}",
                    self.tokens.concat()
                ));
            }
        })
    }

    fn map(&mut self) -> Result<Expr, String> {
        let mut entries = Vec::new();
        while !self.take("}") {
            if !entries.is_empty() {
                self.expect(",")?;
            }
            let key = unquoted(self.peek());
            self.at += 1;
            self.expect(":")?;
            entries.push((key, self.choice()?));
        }
        Ok(Expr::Map(entries))
    }
}

fn unquoted(token: &str) -> String {
    let inner = token.trim_matches(|c| c == '"' || c == '\'');
    inner
        .replace("\\x7b", "{")
        .replace("\\x7d", "}")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
}

/// The value of `expr`; `lookup` knows names. What is not there is an error, as Argo would wait for it for ever.
///
/// # Errors
/// Says what is not there, or of another type.
pub fn evaluate(expr: &Expr, names: &Value, item: Option<&Value>) -> Result<Value, String> {
    let of = |expr: &Expr| evaluate(expr, names, item);
    Ok(match expr {
        Expr::Literal(value) => value.clone(),
        Expr::Name(name) => names.get(name).cloned().ok_or_else(|| format!("no `{name}`"))?,
        Expr::Item => item.cloned().ok_or("`#` outside of a list")?,
        Expr::List(items) => Value::Array(items.iter().map(of).collect::<Result<_, _>>()?),
        Expr::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| Ok((key.clone(), of(value)?)));
            Value::Object(entries.collect::<Result<_, String>>()?)
        }
        Expr::Member(value, key) => {
            let (value, key) = (of(value)?, of(key)?);
            member(&value, &key).ok_or_else(|| format!("no {key} in {value}"))?
        }
        Expr::Not(inner) => json!(!truth(&of(inner)?)?),
        Expr::Choice(condition, yes, no) => of(if truth(&of(condition)?)? { yes } else { no })?,
        Expr::Binary(sign, left, right) => match (sign.as_str(), of(left)?) {
            ("and" | "&&", left) => json!(truth(&left)? && truth(&of(right)?)?),
            ("or" | "||", left) => json!(truth(&left)? || truth(&of(right)?)?),
            ("??", Value::Null) => of(right)?,
            ("??", left) => left,
            (sign, left) => binary(sign, &left, &of(right)?)?,
        },
        Expr::Call(name, arguments) => call(name, arguments, names, item)?,
    })
}

fn member(value: &Value, key: &Value) -> Option<Value> {
    match (value, key) {
        (Value::Array(items), Value::Number(at)) => items.get(at.as_f64()? as usize).cloned(),
        (Value::Object(fields), Value::String(key)) => fields.get(key).cloned(),
        _ => None,
    }
}

fn truth(value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("{value} is neither true nor false"))
}

fn number(value: &Value) -> Result<f64, String> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value
        .as_f64()
        .or(text)
        .ok_or_else(|| format!("{value} is no number"))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn binary(sign: &str, left: &Value, right: &Value) -> Result<Value, String> {
    let both = || Ok::<_, String>((number(left)?, number(right)?));
    Ok(match sign {
        "==" | "!=" => {
            let same = match (left, right) {
                (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
                _ => left == right,
            };
            json!(same == (sign == "=="))
        }
        "+" if left.is_string() => json!(text(left) + &text(right)),
        "+" => json!(both()?.0 + both()?.1),
        "-" => json!(both()?.0 - both()?.1),
        "*" => json!(both()?.0 * both()?.1),
        "<" => json!(both()?.0 < both()?.1),
        "<=" => json!(both()?.0 <= both()?.1),
        ">" => json!(both()?.0 > both()?.1),
        ">=" => json!(both()?.0 >= both()?.1),
        ".." => {
            let (from, to) = both()?;
            json!((from as i64..=to as i64).map(|at| at as f64).collect::<Vec<_>>())
        }
        _ => return Err(format!("no `{sign}` here")),
    })
}

fn call(name: &str, arguments: &[Expr], names: &Value, item: Option<&Value>) -> Result<Value, String> {
    let closure = |list: &Value, body: &Expr| -> Result<Vec<(Value, Value)>, String> {
        let items = list.as_array().ok_or_else(|| format!("{list} is no list"))?;
        let pairs = items
            .iter()
            .map(|item| Ok((item.clone(), evaluate(body, names, Some(item))?)));
        pairs.collect()
    };
    if let ("filter" | "map" | "any" | "all" | "sortBy", [list, body, order @ ..]) = (name, arguments) {
        let pairs = closure(&evaluate(list, names, item)?, body)?;
        let truths = || {
            pairs
                .iter()
                .map(|(_, value)| truth(value))
                .collect::<Result<Vec<bool>, _>>()
        };
        return Ok(match name {
            "filter" => json!(
                pairs
                    .iter()
                    .zip(truths()?)
                    .filter(|(_, keep)| *keep)
                    .map(|(pair, _)| &pair.0)
                    .collect::<Vec<_>>()
            ),
            "map" => json!(pairs.into_iter().map(|pair| pair.1).collect::<Vec<_>>()),
            "any" => json!(truths()?.contains(&true)),
            "all" => json!(!truths()?.contains(&false)),
            _ => {
                let mut sorted = pairs;
                let key = |value: &Value| number(value).unwrap_or(f64::NAN);
                sorted.sort_by(|a, b| key(&a.1).total_cmp(&key(&b.1)));
                if !order.is_empty() {
                    sorted.reverse();
                }
                json!(sorted.into_iter().map(|pair| pair.0).collect::<Vec<_>>())
            }
        });
    }
    let values: Vec<Value> = arguments
        .iter()
        .map(|argument| evaluate(argument, names, item))
        .collect::<Result<_, _>>()?;
    plain(name, &values).ok_or_else(|| format!("{name}({values:?})"))
}

fn plain(name: &str, values: &[Value]) -> Option<Value> {
    let first = values.first()?;
    let numbers = || {
        first
            .as_array()?
            .iter()
            .map(|value| number(value).ok())
            .collect::<Option<Vec<f64>>>()
    };
    let least = |keep: fn(f64, f64) -> f64| match values {
        [_] => numbers()?.into_iter().reduce(keep),
        _ => values.iter().filter_map(|value| number(value).ok()).reduce(keep),
    };
    Some(match name {
        "fromJSON" => serde_json::from_str(first.as_str()?).ok()?,
        "toJson" => json!(first.to_string()),
        "float" => json!(number(first).ok()?),
        "int" | "asInt" => json!(number(first).ok()?.trunc()),
        "ceil" => json!(number(first).ok()?.ceil()),
        "string" => json!(text(first)),
        "lower" => json!(first.as_str()?.to_lowercase()),
        "upper" => json!(first.as_str()?.to_uppercase()),
        "len" => json!(first.as_array()?.len() as f64),
        "min" => json!(least(f64::min)?),
        "max" => json!(least(f64::max)?),
        "sum" => json!(numbers()?.into_iter().sum::<f64>()),
        "mean" => json!(numbers()?.iter().sum::<f64>() / numbers()?.len() as f64),
        "first" => first.as_array()?.first()?.clone(),
        "take" => json!(
            first
                .as_array()?
                .iter()
                .take(number(values.get(1)?).ok()? as usize)
                .collect::<Vec<_>>()
        ),
        "flatten" => json!(
            first
                .as_array()?
                .iter()
                .flat_map(|inner| match inner {
                    Value::String(list) => serde_json::from_str::<Vec<Value>>(list).unwrap_or_default(),
                    inner => inner.as_array().cloned().unwrap_or_default(),
                })
                .collect::<Vec<_>>()
        ),
        "join" => json!(
            first
                .as_array()?
                .iter()
                .map(text)
                .collect::<Vec<_>>()
                .join(values.get(1)?.as_str()?)
        ),
        "get" => first.get(values.get(1)?.as_str()?).cloned().unwrap_or_default(),
        "replace" => json!(text(first).replace(values.get(1)?.as_str()?, values.get(2)?.as_str()?)),
        "sprig.sha256sum" => json!(first.as_str()?.len().to_string().repeat(8)),
        "sprig.trunc" => json!(
            values
                .get(1)?
                .as_str()?
                .chars()
                .take(number(first).ok()? as usize)
                .collect::<String>()
        ),
        _ => return None,
    })
}
