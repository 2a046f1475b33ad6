//! Generated files, read back as the tools that they are for would read them.

use hcl::expr::TemplateExpr;
use hcl::template::{Element, Template};
use hcl::{Body, Expression, Structure};
use promql_parser::parser::Expr;
use promql_parser::util::{ExprVisitor, walk_expr};
use pulldown_cmark::{Event, Options, Parser};
use serde_json::{Map, Value, json};

use crate::report_page::parsed;

/// The documents in a file.
///
/// # Errors
/// Says why it is not what its name says.
pub fn read(path: &str, text: &str) -> Result<Vec<Value>, String> {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file.rsplit_once('.').map_or(file, |(_, extension)| extension) {
        "yaml" => serde_saphyr::from_multiple(text).map_err(|error| error.to_string()),
        "json" => serde_json::from_str(text)
            .map(|value| vec![value])
            .map_err(|error| error.to_string()),
        "tf" | "tfbackend" => hcl::parse(text)
            .map(|body| vec![hcl_body(&body)])
            .map_err(|error| error.to_string()),
        "Dockerfile" => instructions(text).map(|found| vec![Value::Array(found)]),
        "md" if file == "PLAN.md" => Ok(vec![markdown(text)]),
        "md" => Ok(vec![text.lines().collect()]),
        "dockerignore" => Ok(vec![text.lines().filter(|line| !line.starts_with('#')).collect()]),
        "html" => html(text).map(|page| vec![page]),
        other => Err(format!("there is no reader for `{other}`")),
    }
}

/// Elements with what they say and what is in them. On a map, words stand where there is room for them, or not at all.
fn html(text: &str) -> Result<Value, String> {
    let page = parsed(text).map_err(|error| error.to_string())?;
    Ok(element(page.root_element()))
}

fn element(node: roxmltree::Node<'_, '_>) -> Value {
    let is_placed = |inner: &roxmltree::Node<'_, '_>| {
        matches!(inner.attribute("class"), Some("leader" | "volume" | "name"))
            && inner
                .parent_element()
                .is_some_and(|outer| outer.has_tag_name((XHTML, "svg")))
    };
    let said: String = node
        .children()
        .filter_map(|inner| inner.text().filter(|_| inner.is_text()))
        .collect();
    let attributes = node
        .attributes()
        .map(|attribute| named(attribute.name(), json!(attribute.value())));
    let inside = node
        .children()
        .filter(|inner| inner.is_element() && !is_placed(inner))
        .map(element);
    let parts = attributes.chain(inside).chain([json!(said)]);
    named(node.tag_name().name(), parts.collect())
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Paragraphs, tables and all that is in them, as CommonMark with tables reads them.
fn markdown(text: &str) -> Value {
    let mut open: Vec<(String, Vec<Value>, String)> =
        vec![("document".to_owned(), Vec::new(), String::new())];
    for event in Parser::new_ext(text, Options::all()) {
        let kind = format!("{event:?}")
            .split(['(', ' '])
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        match event {
            Event::Start(_) => open.push((kind, Vec::new(), String::new())),
            Event::End(_) => {
                let (kind, mut inside, said) = open.pop().expect("what ends was begun");
                inside.push(json!(said));
                open.last_mut()
                    .expect("a document")
                    .1
                    .push(named(&kind, inside.into()));
            }
            Event::Text(said) => open.last_mut().expect("a document").2.push_str(&said),
            other => open
                .last_mut()
                .expect("a document")
                .1
                .push(named(&format!("{other:?}"), Value::Null)),
        }
    }
    let (_, mut inside, said) = open.pop().expect("a document");
    inside.push(json!(said));
    inside.into()
}

fn hcl_body(body: &Body) -> Value {
    body.iter()
        .map(|structure| match structure {
            Structure::Attribute(attribute) => named(attribute.key.as_str(), hcl_value(&attribute.expr)),
            Structure::Block(block) => {
                let labels: Value = block
                    .labels
                    .iter()
                    .map(|label| label.as_str().to_owned())
                    .collect();
                named(block.identifier.as_str(), json!([labels, hcl_body(&block.body)]))
            }
        })
        .collect()
}

fn named(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// Texts and what they are in; of anything that Terraform computes, only that it does.
fn hcl_value(expression: &Expression) -> Value {
    match expression {
        Expression::Null => Value::Null,
        Expression::Bool(value) => json!(value),
        Expression::Number(_) => json!(0),
        Expression::String(text) => json!(text),
        Expression::Array(items) => items.iter().map(hcl_value).collect(),
        Expression::Object(fields) => fields
            .iter()
            .map(|(key, value)| json!([key.to_string(), hcl_value(value)]))
            .collect(),
        Expression::TemplateExpr(template) => hcl_template(template),
        Expression::FuncCall(call) => json!([
            call.name.name.as_str(),
            call.args.iter().map(hcl_value).collect::<Value>()
        ]),
        Expression::Parenthesis(inner) => hcl_value(inner),
        _ => json!({ "computed": expression.to_string() }),
    }
}

fn hcl_template(template: &TemplateExpr) -> Value {
    let template = Template::from_expr(template).expect("a template");
    let mut text = String::new();
    let mut computed = 0;
    for element in template.elements() {
        match element {
            Element::Literal(literal) => text.push_str(literal),
            Element::Interpolation(_) | Element::Directive(_) => computed += 1,
        }
    }
    if computed == 0 {
        json!(text)
    } else {
        json!([text, "computed", computed])
    }
}

/// The instructions of a Dockerfile: their words, and of each its texts.
fn instructions(text: &str) -> Result<Vec<Value>, String> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let instruction = |line: &str| {
        let (word, rest) = line
            .split_once(' ')
            .ok_or_else(|| format!("not an instruction: {line}"))?;
        let known = [
            "FROM",
            "RUN",
            "WORKDIR",
            "COPY",
            "LABEL",
            "ENV",
            "USER",
            "EXPOSE",
            "HEALTHCHECK",
            "CMD",
            "ENTRYPOINT",
        ];
        if !known.contains(&word) {
            return Err(format!("not an instruction: {line}"));
        }
        let exec = rest.find('[').map(|at| &rest[at..]);
        let words = exec.and_then(|exec| serde_json::from_str::<Value>(exec).ok());
        Ok(named(word, words.unwrap_or_else(|| quoted(rest).into())))
    };
    joined.lines().map(instruction).collect()
}

/// The texts between double quotes, or all of it if there is none.
fn quoted(rest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut characters = rest.chars();
    while characters.by_ref().any(|character| character == '"') {
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => text.extend(characters.next()),
                plain => text.push(plain),
            }
        }
        found.push(text);
    }
    if found.is_empty() {
        vec![rest.to_owned()]
    } else {
        found
    }
}

/// What a document is made of, whatever its texts and the order of its parts.
pub fn shape(value: &Value) -> String {
    let sorted = |parts: &mut dyn Iterator<Item = &Value>| {
        // The variable that stands for a brace is there where a text has one.
        let parts = parts.filter(|part| part["name"] != "PORTOLAN_BRACE");
        let mut shapes: Vec<String> = parts.map(shape).collect();
        shapes.sort();
        shapes.join(",")
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "flag".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => format!("[{}]", sorted(&mut items.iter())),
        Value::Object(fields) => format!("{{{}}}", sorted(&mut fields.values())),
    }
}

/// All texts of a document as their final readers see them: programs get what the kubelet makes of commands, arguments
/// and variables, people what a Go template makes of an annotation.
pub fn texts(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, false, &mut found);
    found
}

fn collect(value: &Value, container: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("{{=") => found.push(kubelet(&expression(text))),
        Value::String(text) if container => found.push(kubelet(text)),
        Value::String(text) => {
            found.push(text.clone());
            found.push(go_template(text));
            // A question is shown to people, with a word joiner between its braces.
            found.push(text.replace('\u{2060}', ""));
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
                collect(&inner, false, found);
            } else if text.contains(":\n")
                && let Ok(inner @ Value::Object(_)) = serde_saphyr::from_str::<Value>(text)
            {
                collect(&inner, false, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, container, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                found.push(key.clone());
                if let ("expr", Value::String(query)) = (key.as_str(), value) {
                    found.extend(matched(query));
                }
                // The items of a fan-out end in commands and variables, made ready for them.
                // So do outputs, and what conditions compare them with.
                let container =
                    container || matches!(key.as_str(), "command" | "args" | "env" | "withItems" | "when");
                collect(value, container, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a program gets: `$$` is `$`, `$(NAME)` a variable.
pub fn kubelet(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        made.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            made.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("(PORTOLAN_BRACE)") {
            made.push('{');
            rest = after;
        } else if let Some((_, after)) = rest.strip_prefix('(').and_then(|name| name.split_once(')')) {
            made.push_str("<expanded>");
            rest = after;
        } else {
            made.push('$');
        }
    }
    made + rest
}

/// What the labels of a query are compared with.
fn matched(query: &str) -> Vec<String> {
    struct Matched(Vec<String>);
    impl ExprVisitor for Matched {
        type Error = ();
        fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
            if let Expr::VectorSelector(selector) = expression {
                let matchers = selector.matchers.matchers.iter();
                self.0.extend(matchers.map(|matcher| matcher.value.clone()));
            }
            Ok(true)
        }
    }
    let mut matched = Matched(Vec::new());
    let query = promql_parser::parser::parse(query).expect("a rule has a query");
    walk_expr(&mut matched, &query).expect("a query can be walked");
    matched.0
}

/// An expression of Argo with the escapes of its texts undone.
fn expression(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let digits = match (character, rest.as_str().chars().next()) {
            ('\\', Some('x')) => 2,
            ('\\', Some('u')) => 4,
            ('\\', _) => {
                made.extend(rest.next());
                continue;
            }
            _ => {
                made.push(character);
                continue;
            }
        };
        let code: String = rest.by_ref().skip(1).take(digits).collect();
        let code = u32::from_str_radix(&code, 16).ok();
        made.push(code.and_then(char::from_u32).expect("an escape is a character"));
    }
    made
}

/// What a Go template makes of constants such as `{{"{"}}`.
pub fn go_template(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{\"") {
        let Some((braces, after)) = after.split_once("\"}}") else {
            break;
        };
        made.push_str(before);
        made.push_str(braces);
        rest = after;
    }
    made + rest
}

/// How many placeholders Argo would fill in: it looks for them in what workflows do, not in what they are called.
pub fn placeholders(value: &Value) -> usize {
    fn count(value: &Value) -> usize {
        match value {
            Value::String(text) => text.matches("{{").count(),
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| key.matches("{{").count() + count(value))
                .sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
    }
    count(&value["spec"])
}
