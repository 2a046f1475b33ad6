//! Nodes as they are typed: values are text of the program, not yet read.

use std::ops::Range;

use kdl::{KdlDocument, KdlNode};

/// Around the word that a program is about.
const MARKS: [char; 2] = ['⟦', '⟧'];

/// A node. An entry is a value, or `name=value`.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub name: String,
    pub annotation: Option<String>,
    pub entries: Vec<String>,
    pub children: Vec<Typed>,
}

/// A program and the place of the word it is about.
#[derive(Clone, Debug)]
pub struct Marked {
    pub text: String,
    pub at: Range<usize>,
}

/// The word that a program is about.
pub fn mark(word: &str) -> String {
    format!("{}{word}{}", MARKS[0], MARKS[1])
}

impl Typed {
    pub fn new(name: &str) -> Typed {
        Typed {
            name: name.to_owned(),
            ..Typed::default()
        }
    }

    /// The nodes of a KDL text.
    pub fn read(text: &str) -> Vec<Typed> {
        let document = KdlDocument::parse_v2(text).expect("it is KDL");
        document.nodes().iter().map(read_node).collect()
    }

    /// Where the property called `name` stands.
    pub fn property(&self, name: &str) -> Option<usize> {
        let start = format!("{name}=");
        self.entries.iter().position(|entry| entry.starts_with(&start))
    }

    /// Where the arguments stand.
    pub fn arguments(&self) -> Vec<usize> {
        let bare = |entry: &String| entry.starts_with(['"', '#']) || !entry.contains('=');
        (0..self.entries.len())
            .filter(|at| bare(&self.entries[*at]))
            .collect()
    }

    /// Gives the property a value.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        let entry = format!("{name}={}", value.as_ref());
        match self.property(name) {
            Some(at) => self.entries[at] = entry,
            None => self.entries.push(entry),
        }
    }

    fn write(&self, indent: usize, text: &mut String) {
        text.push_str(&" ".repeat(indent));
        text.push_str(&self.name);
        for entry in &self.entries {
            text.push(' ');
            text.push_str(entry);
        }
        if !self.children.is_empty() {
            text.push_str(" {\n");
            for child in &self.children {
                child.write(indent + 4, text);
            }
            text.push_str(&" ".repeat(indent));
            text.push('}');
        }
        text.push('\n');
    }
}

fn read_node(node: &KdlNode) -> Typed {
    let entries = node.entries().iter();
    Typed {
        name: node.name().value().to_owned(),
        annotation: node.ty().map(|ty| ty.value().to_owned()),
        entries: entries.map(|entry| entry.to_string().trim().to_owned()).collect(),
        children: node
            .children()
            .map(|children| children.nodes().iter().map(read_node).collect())
            .unwrap_or_default(),
    }
}

/// The text of `nodes`, and where the mark in it was.
pub fn write(nodes: &[Typed]) -> Marked {
    let mut text = String::new();
    for node in nodes {
        node.write(0, &mut text);
    }
    let start = text.find(MARKS[0]).unwrap_or_default();
    let end = text.find(MARKS[1]).map_or(start, |end| end - MARKS[0].len_utf8());
    Marked {
        text: text.replace(MARKS, ""),
        at: start..end,
    }
}
