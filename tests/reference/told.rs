//! The tables of a language reference in Markdown.

use portolan::syntax::grammar::TOP;

/// A row about a node.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub name: String,
    pub arguments: Vec<Argument>,
    pub many: bool,
    pub parents: Vec<String>,
    pub properties: Vec<Property>,
    /// Takes the properties of that node too.
    pub like: Option<String>,
    /// The whole row.
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub required: bool,
    pub many: bool,
}

#[derive(Clone, Debug)]
pub struct Property {
    pub name: String,
    pub required: bool,
    pub ty: String,
    pub default: Option<String>,
    /// Only its name is said: the rest is said of another node.
    pub above: bool,
}

impl Told {
    pub fn stands_in(&self, parent: &str) -> bool {
        self.parents.iter().any(|own| own == parent)
    }

    /// Its properties and those of the node that it is like.
    pub fn with_like(&self, all: &[Told]) -> Vec<Property> {
        let like = self.like.iter().filter_map(|name| {
            all.iter()
                .find(|told| told.name == *name && !told.properties.is_empty())
        });
        like.flat_map(|told| told.with_like(all))
            .chain(self.properties.iter().cloned())
            .collect()
    }
}

/// All rows about nodes.
pub fn nodes(text: &str) -> Vec<Told> {
    let mut rows: Vec<Told> = tables(text, "| Node | In |")
        .into_iter()
        .flat_map(|cells| row(&cells))
        .collect();
    let starred = rows
        .iter()
        .find(|told| told.name == "defaults")
        .map(|told| told.text.clone());
    let held = starred.unwrap_or_default();
    let held = held
        .split("it may hold")
        .nth(1)
        .and_then(|tail| tail.split('`').nth(1))
        .unwrap_or_default();
    let held: Vec<&str> = held.split(' ').collect();
    for told in rows.iter_mut().filter(|told| held.contains(&told.name.as_str())) {
        if !told.stands_in("defaults") {
            told.parents.push("defaults".to_owned());
        }
    }
    rows
}

/// All rows about kinds of promises.
pub fn promises(text: &str) -> Vec<Told> {
    let rows = tables(text, "| Kind | Properties | Where |");
    let told = |cells: Vec<String>| Told {
        name: codes(&cells[0])
            .first()
            .map(|(code, _)| code.clone())
            .unwrap_or_default(),
        properties: properties(&cells[1]),
        text: cells.join("|"),
        ..Told::default()
    };
    rows.into_iter().map(told).collect()
}

/// The rows of all tables with such a head, as cells.
fn tables(text: &str, head: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for table in text.split(head).skip(1) {
        let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.extend(lines.map(cells));
    }
    rows
}

fn cells(line: &str) -> Vec<String> {
    let plain = line.replace("\\|", "\u{1}");
    let cells = plain.trim_matches('|').split('|');
    cells.map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// The nodes of a row: `page`, `ticket` and `info` share one.
fn row(cells: &[String]) -> Vec<Told> {
    let [node, parents, properties, ..] = cells else {
        return vec![];
    };
    let words: Vec<&str> = node.split(' ').collect();
    // Only the first of several codes names a node where the others are words that it takes.
    let named = codes(node);
    let named = if named.iter().any(|(code, _)| code == "declassify") {
        &named[..1]
    } else {
        &named[..]
    };
    let said = words
        .iter()
        .filter(|word| !word.contains('`') && !["●", "…"].contains(word));
    let mut arguments: Vec<Argument> = said
        .map(|word| Argument {
            required: word.starts_with("**"),
            many: word.ends_with('…'),
        })
        .collect();
    if named.len() == 1 && words.len() > 1 && words[1].starts_with('`') {
        arguments.push(Argument {
            required: true,
            many: true,
        });
    }
    let told = |name: &String| Told {
        name: name.clone(),
        arguments: arguments.clone(),
        many: words.contains(&"●"),
        parents: self::parents(parents),
        properties: self::properties(properties),
        like: like(name, properties),
        text: cells.join("|"),
    };
    named.iter().map(|(name, _)| told(name)).collect()
}

/// The node whose properties it has too: "as `needs`", or "as in" another section, of the same name.
fn like(name: &str, properties: &str) -> Option<String> {
    if properties.starts_with("as in ") {
        return Some(name.to_owned());
    }
    let (other, _) = properties.strip_prefix("as `")?.split_once('`')?;
    Some(other.to_owned())
}

/// What stands between backticks, and the text before it.
fn codes(cell: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = cell.split('`').collect();
    parts
        .chunks(2)
        .filter_map(|pair| Some(((*pair.get(1)?).to_owned(), pair[0].to_owned())))
        .collect()
}

fn properties(cell: &str) -> Vec<Property> {
    let codes = codes(cell);
    let mut properties: Vec<Property> = Vec::new();
    for (code, before) in &codes {
        match code.split_once('=') {
            Some((name, ty)) => properties.push(Property {
                name: name.to_owned(),
                required: before.ends_with("**"),
                ty: ty.to_owned(),
                default: None,
                above: ty.is_empty(),
            }),
            None if before.ends_with("knows ") => properties.extend(code.split(' ').map(known)),
            None if before.trim() == "(" => {
                if let Some(last) = properties.last_mut() {
                    last.default = Some(code.trim_start_matches('#').to_owned());
                }
            }
            None => {}
        }
    }
    properties
}

/// A property of which only the name is said.
fn known(name: &str) -> Property {
    Property {
        name: name.to_owned(),
        required: false,
        ty: String::new(),
        default: None,
        above: true,
    }
}

fn parents(cell: &str) -> Vec<String> {
    // Said of `use`, which this table does not spell out.
    let cell = cell.replace("any node with children", "pipeline");
    let place = |place: &str| if place == "file" { TOP } else { place }.to_owned();
    cell.split(' ').map(place).collect()
}
