//! Mistakes that can be made with a node, one a program.

use portolan::diag::Code;
use portolan::syntax::grammar::{GRAMMAR, Rule, Slot};

use super::{Mistake, wrong};
use crate::program::{Program, Row, company, mark, rows};

/// Every node in the first of its places.
pub fn once_each() -> impl Iterator<Item = Row> {
    let first = |row: &Row| {
        let parents = row.promise.map_or(&row.rule.parents, |kind| &kind.parents);
        parents.first().is_some_and(|parent| parent == row.parent)
    };
    rows().into_iter().filter(first)
}

pub fn mistake(what: String, legal: &Program, program: &Program, code: Code) -> Mistake {
    Mistake {
        what,
        legal: legal.marked(),
        program: program.marked(),
        code,
        help: Vec::new(),
    }
}

/// The program of `row` whose node has this property, and nothing that excludes it.
pub fn with_property(row: Row, slot: &Slot, value: impl AsRef<str>) -> Program {
    let mut program = row.program();
    let node = program.node();
    if let Some(of) = &slot.of {
        node.entries[0].clone_from(of);
    }
    row.make_room(node, &slot.name);
    for entry in company::beside(row, &slot.name) {
        let name = entry.split_once('=').map_or("", |(name, _)| name);
        row.make_room(node, name);
        node.entries.push(entry.clone());
    }
    node.set(&slot.name, value);
    program
}

/// The program of `row` whose node has an argument at `index`, and nothing that excludes it.
fn with_argument(row: Row, index: usize, value: &str) -> Program {
    let mut program = row.program();
    let node = program.node();
    let slots = row.arguments();
    for (at, slot) in slots.iter().enumerate().take(index + 1) {
        row.make_room(node, &slot.name);
        let value = if at == index {
            value.to_owned()
        } else {
            row.sample(slot)
        };
        match node.arguments().get(at) {
            Some(place) => node.entries[*place] = value,
            None => node.entries.insert(at, value),
        }
    }
    program
}

/// Without a part that is required. The node is to blame.
pub fn missing(row: Row) -> Vec<Mistake> {
    let without = |name: &str, code: Code| {
        let mut program = row.program();
        let node = program.node();
        row.take_out(node, name);
        node.name = mark(&node.name);
        mistake(
            format!("{} without {name}", row.shown()),
            &row.program(),
            &program,
            code,
        )
    };
    let arguments = row.arguments().into_iter().filter(|slot| slot.required);
    let properties = row.properties().into_iter().filter(|slot| slot.required);
    let groups = row
        .rules()
        .flat_map(|rule| rule.either.iter().filter_map(|group| group.first()));
    arguments
        .map(|slot| without(&slot.name, Code::SyntaxArgument))
        .chain(properties.map(|slot| without(&slot.name, Code::SyntaxMissing)))
        .chain(groups.map(|name| without(name, Code::SyntaxMissing)))
        .collect()
}

/// The node twice, and each of its properties twice.
pub fn repeated(row: Row) -> Vec<Mistake> {
    let mut made = Vec::new();
    if !row.rule.many {
        let mut program = row.program();
        let mut again = program.node().clone();
        again.name = mark(&again.name);
        program.siblings().push(again);
        made.push(mistake(
            format!("{} twice", row.shown()),
            &row.program(),
            &program,
            Code::SyntaxRepeated,
        ));
    }
    for slot in row.properties() {
        let legal = with_property(row, slot, row.sample(slot));
        let mut program = legal.clone();
        let again = format!("{}={}", mark(&slot.name), row.sample(slot));
        program.node().entries.push(again);
        let what = format!("{} with {}= twice", row.shown(), slot.name);
        made.push(mistake(what, &legal, &program, Code::SyntaxRepeated));
    }
    made
}

/// With a value that its place does not take.
pub fn mistyped(row: Row) -> Vec<Mistake> {
    let mut made = Vec::new();
    for (index, slot) in row.arguments().into_iter().enumerate() {
        for (value, code) in wrong::values(slot) {
            let legal = with_argument(row, index, &row.sample(slot));
            let program = with_argument(row, index, &mark(value));
            made.push(mistake(
                format!("{} {value}", row.shown()),
                &legal,
                &program,
                code,
            ));
        }
    }
    for slot in row.properties() {
        for (value, code) in wrong::values(slot) {
            let legal = with_property(row, slot, row.sample(slot));
            let program = with_property(row, slot, mark(value));
            let what = format!("{} {}={value}", row.shown(), slot.name);
            made.push(mistake(what, &legal, &program, code));
        }
    }
    made
}

/// With a property or an argument that it does not have.
pub fn surplus(row: Row) -> Vec<Mistake> {
    let mut made = Vec::new();
    if !row.rules().any(|rule| rule.open.is_some()) {
        let misspelt = row.properties().into_iter().map(|slot| {
            let name = slot.name.as_str();
            let typed = format!("{}{name}", &name[..1]);
            let legal = with_property(row, slot, row.sample(slot));
            let mut program = legal.clone();
            let node = program.node();
            let at = node.property(name).expect("it was set");
            node.entries[at] = format!("{}={}", mark(&typed), row.sample(slot));
            let what = format!("{} {typed}=", row.shown());
            let mut made = mistake(what, &legal, &program, Code::SyntaxProperty);
            made.help.push(format!("did you mean `{name}=`?"));
            made
        });
        made.extend(misspelt);
        let mut program = row.program();
        program.node().entries.push(format!("{}=1", mark("unheard-of")));
        let what = format!("{} unheard-of=", row.shown());
        made.push(mistake(what, &row.program(), &program, Code::SyntaxProperty));
    }
    let slots = row.arguments();
    if !slots.iter().any(|slot| slot.many) {
        let last = slots.len().checked_sub(1);
        let legal = last.map_or_else(
            || row.program(),
            |last| with_argument(row, last, &row.sample(slots[last])),
        );
        let mut program = legal.clone();
        program.node().entries.insert(slots.len(), mark("surplus"));
        made.push(mistake(
            format!("{} surplus", row.shown()),
            &legal,
            &program,
            Code::SyntaxArgument,
        ));
    }
    made
}

/// With two parts that exclude each other.
pub fn excluded(row: Row) -> Vec<Mistake> {
    let groups = |rule: &'static Rule| rule.either.iter().chain(&rule.at_most_one);
    let pairs = row.rules().flat_map(groups).flat_map(|group| {
        let second = move |at: usize| group.iter().skip(at + 1).map(move |second| (&group[at], second));
        (0..group.len()).flat_map(second)
    });
    pairs.map(|(first, second)| both(row, first, second)).collect()
}

fn both(row: Row, first: &str, second: &str) -> Mistake {
    let what = format!("{} with {first} and {second}", row.shown());
    let rules = || row.rules();
    let argument = row.arguments().iter().position(|slot| slot.name == first);
    let property = |name: &str| rules().find_map(|rule| rule.property(name));
    let Some(last) = property(second) else {
        return both_children(row, first, second, what);
    };
    let legal = match (argument, property(first)) {
        (Some(index), _) => with_argument(row, index, &row.sample(row.arguments()[index])),
        (None, Some(slot)) => with_property(row, slot, row.sample(slot)),
        (None, None) => unreachable!("a group names arguments, properties or children"),
    };
    let mut program = legal.clone();
    let entry = format!("{}={}", mark(second), row.sample(last));
    program.node().entries.push(entry);
    mistake(what, &legal, &program, Code::SyntaxConflict)
}

fn both_children(row: Row, first: &str, second: &str, what: String) -> Mistake {
    let child = |name: &str| {
        let rule = GRAMMAR
            .rule(&row.rule.name, name)
            .expect("a group names children");
        Row {
            rule,
            promise: None,
            parent: &row.rule.name,
        }
    };
    let legal = child(first).program();
    let mut program = legal.clone();
    let mut other = child(second).minimal();
    other.name = mark(&other.name);
    program.siblings().push(other);
    mistake(what, &legal, &program, Code::SyntaxConflict)
}
