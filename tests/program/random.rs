//! Programs that nobody wrote: whatever the grammar table allows, in whatever layout KDL allows.

use portolan::syntax::StepKind;
use portolan::syntax::grammar::{GRAMMAR, Rule, Slot, TOP, Type};

use super::{Row, Typed, company};

/// Deeper nodes have no children.
const DEEPEST: usize = 4;

/// Choices made in advance. Where they end the first of all possibilities is taken, so that shorter ones make smaller
/// programs.
pub struct Choices<'a> {
    made: std::slice::Iter<'a, u8>,
}

impl Choices<'_> {
    pub fn new(made: &[u8]) -> Choices<'_> {
        Choices { made: made.iter() }
    }

    /// One of `count` possibilities.
    pub fn of(&mut self, count: usize) -> usize {
        self.made.next().map_or(0, |made| usize::from(*made) % count)
    }

    pub fn one<T: Copy>(&mut self, possible: &[T]) -> T {
        possible[self.of(possible.len())]
    }

    pub fn pick<T: Clone>(&mut self, possible: &[T]) -> T {
        possible[self.of(possible.len())].clone()
    }

    /// True once in `times`.
    fn rarely(&mut self, times: usize) -> bool {
        self.of(times) == times - 1
    }
}

/// A whole file.
pub fn program(choices: &mut Choices<'_>) -> Vec<Typed> {
    let mut nodes = children(TOP, None, 0, choices);
    nodes.retain(|node| node.name != "include");
    nodes.push(Typed::new("template biotool"));
    nodes
}

/// Some of the nodes that may stand in `parent`.
fn children(parent: &str, kind: Option<StepKind>, depth: usize, choices: &mut Choices<'_>) -> Vec<Typed> {
    let possible: Vec<Row> = possible(parent, kind);
    let mut nodes: Vec<Typed> = Vec::new();
    if possible.is_empty() || depth > DEEPEST {
        return nodes;
    }
    for _ in 0..choices.of(10) {
        let row = choices.one(&possible);
        let again = !row.rule.many && nodes.iter().any(|node| node.name == row.rule.name);
        if !again && !excluded(parent, row.rule, &nodes) {
            nodes.push(node(row, depth, choices));
        }
    }
    nodes
}

fn possible(parent: &str, kind: Option<StepKind>) -> Vec<Row> {
    let rows = super::rows().into_iter();
    // What stands in a template depends on where it is used.
    let rows =
        rows.filter(|row| row.parent == parent && (parent != "template" || row.rule.name == "parameter"));
    rows.filter(|row| kind.is_none_or(|kind| row.allowed_in(kind)))
        .collect()
}

/// True if one of `nodes` in `parent` excludes a node of `rule`.
pub fn excluded(parent: &str, rule: &Rule, nodes: &[Typed]) -> bool {
    let parents = GRAMMAR.rules.iter().filter(|own| own.name == parent);
    let mut groups = parents.flat_map(|own| &own.at_most_one);
    groups.any(|group| group.contains(&rule.name) && nodes.iter().any(|node| group.contains(&node.name)))
}

fn node(row: Row, depth: usize, choices: &mut Choices<'_>) -> Typed {
    let mut node = row.minimal();
    if let Some(at) = node.arguments().first().filter(|_| is_named(row.rule)) {
        node.entries[*at] = choices
            .one(&["a", "b2", "long-name-with-parts", "x-1"])
            .to_string();
    }
    for slot in row.properties() {
        let fits = |slot: &Slot| !row.rules().any(|rule| excludes(rule, slot, &node, row));
        let company = company::beside(row, &slot.name);
        let mut beside = company.iter().filter_map(|entry| entry.split_once('='));
        let free = slot.of.is_none()
            && fits(slot)
            && beside.all(|(name, _)| {
                row.properties()
                    .iter()
                    .all(|other| other.name != name || fits(other))
            });
        if free && choices.of(3) == 1 {
            for entry in company::beside(row, &slot.name) {
                let (name, value) = entry.split_once('=').expect("it is a property");
                node.set(name, value);
            }
            node.set(&slot.name, value(row, slot, choices));
        }
    }
    let mut kind = None;
    if row.rule.name == "step" {
        let chosen = choices.one(&StepKind::ALL);
        node.set("kind", chosen.word());
        kind = Some(chosen);
    }
    node.children = children(&row.rule.name, kind, depth + 1, choices);
    node
}

pub fn is_named(rule: &Rule) -> bool {
    rule.arguments.first().is_some_and(|slot| slot.ty == Type::Name)
}

/// True if something that stands in `node` excludes the property.
pub fn excludes(rule: &Rule, slot: &Slot, node: &Typed, row: Row) -> bool {
    let argument = |name: &str| {
        let index = row.arguments().iter().position(|slot| slot.name == name);
        index.is_some_and(|index| node.arguments().len() > index)
    };
    let mut groups = rule.either.iter().chain(&rule.at_most_one);
    groups.any(|group| {
        let mut others = group.iter().filter(|name| **name != slot.name);
        group.contains(&slot.name) && others.any(|name| node.property(name).is_some() || argument(name))
    })
}

/// A value for `slot`; quantities also in spellings that `fmt` changes.
pub fn value(row: Row, slot: &Slot, choices: &mut Choices<'_>) -> String {
    let sample = row.sample(slot);
    let spellings: &[&str] = match slot.ty {
        Type::Bytes => &[r#""32 GiB""#, r#""1_000MB""#, r#""0.5TiB""#],
        Type::Duration => &[r#""1h 30min""#, r#""80 ms""#, r#""14d""#],
        Type::Rate => &[r#""400 / s""#, r#""7/day""#],
        Type::Percent => &[r#""4 %""#, r#""100%""#],
        Type::Text => &[r#""a \"b\" {{c}}""#, r##"#"C:\x"#"##, "word"],
        Type::Integer => &["7", "1_000", "7e9", "0x10"],
        Type::Number => &["0.5", "7e9", "1_000"],
        Type::Scalar => &["#true", r#""a b""#, "1e-4", "-3"],
        _ => &[],
    };
    if !slot.one_of.is_empty() {
        return slot.one_of[choices.of(slot.one_of.len())].clone();
    }
    match choices.of(spellings.len() + 1).checked_sub(1) {
        Some(at) => spellings[at].to_owned(),
        None => sample,
    }
}

/// The text of `nodes` as a hurried author would lay it out, with comments. Each comment holds `c!`.
pub fn text(nodes: &[Typed], choices: &mut Choices<'_>) -> String {
    let mut text = String::new();
    for node in nodes {
        write(node, 0, choices, &mut text);
    }
    text
}

fn write(node: &Typed, depth: usize, choices: &mut Choices<'_>, text: &mut String) {
    let indent = " ".repeat(depth * choices.one(&[4, 2, 0, 5]));
    text.push_str(choices.one(&[
        "",
        "",
        "",
        "\n",
        "\n\n\n",
        "// c! above\n",
        "  // c!\n\n",
        "/* c! */\n",
    ]));
    text.push_str(&indent);
    let before = choices.one(&["", "", "", "", "", "", "", "/- ", "/* c! */ "]);
    text.push_str(before);
    text.push_str(&node.name);
    for entry in &node.entries {
        text.push_str(choices.one(&[" ", " ", " ", "   ", " /* c! */ ", " \\\n   ", "\t"]));
        let bare = entry.starts_with(|c: char| c.is_ascii_lowercase()) && !entry.contains(['=', '"']);
        let quoted = bare && choices.rarely(4);
        text.push_str(&if quoted {
            format!("\"{entry}\"")
        } else {
            entry.clone()
        });
    }
    if !node.children.is_empty() {
        text.push_str(choices.one(&[" {\n", "{\n", " { // c! behind\n", " {\n\n\n"]));
        for child in &node.children {
            write(child, depth + 1, choices, text);
        }
        text.push_str(&indent);
        text.push('}');
    }
    let after = choices.one(&[
        "\n",
        "\n",
        "\n",
        " // c! behind\n",
        "    // c!\n",
        "\n\n\n",
        ";\n",
        " ; \n",
    ]);
    // The parser takes no `;` behind a node that is commented out.
    text.push_str(if before == "/- " {
        after.trim_start_matches([' ', ';'])
    } else {
        after
    });
}
