//! Nodes where they do not stand.

use std::collections::BTreeSet;

use portolan::diag::Code;
use portolan::syntax::StepKind;
use portolan::syntax::grammar::{GRAMMAR, TOP};

use super::Mistake;
use super::mistakes::{mistake, once_each};
use crate::program::{Row, mark, rows};

/// Each node at the top level or in a pipeline, and in one other place where it does not stand.
pub fn misplaced() -> impl Iterator<Item = Mistake> {
    let nodes: Vec<Row> = once_each().filter(|row| row.promise.is_none()).collect();
    let places: BTreeSet<&str> = rows().iter().map(|row| row.parent).collect();
    let mut made = Vec::new();
    for (index, row) in nodes.iter().enumerate() {
        let name = row.rule.name.as_str();
        let wrong = |place: &&&str| GRAMMAR.rule(place, name).is_none() && **place != "template";
        let wrong: Vec<&str> = places.iter().filter(wrong).copied().collect();
        let first = if row.parent == TOP { "pipeline" } else { TOP };
        for place in [first, wrong[index % wrong.len()]] {
            made.push(displaced(*row, place));
        }
    }
    made.into_iter()
}

/// `row` in the place called `place`, where it does not stand.
fn displaced(row: Row, place: &str) -> Mistake {
    let mut node = row.minimal();
    node.name = mark(&node.name);
    let mut program;
    if place == TOP {
        program = once_each().next().expect("there are nodes").program();
        program.siblings().push(node);
    } else {
        program = crate::program::place(place).program();
        program.node().children.push(node);
    }
    let mut made = mistake(
        format!("{} in {place}", row.shown()),
        &row.program(),
        &program,
        Code::SyntaxNode,
    );
    let name = |parent: &str| match parent {
        TOP => "the top level".to_owned(),
        parent => format!("`{parent}`"),
    };
    made.help = GRAMMAR.parents(&row.rule.name).map(name).collect();
    made
}

/// In a step of a kind that has no such node.
pub fn of_another_kind(row: Row) -> Vec<Mistake> {
    let wrong = StepKind::ALL
        .into_iter()
        .filter(|kind| row.parent == "step" && !row.allowed_in(*kind));
    let made = wrong.map(|kind| {
        let mut program = row.program_in(Some(kind));
        let node = program.node();
        let code = match row.promise {
            Some(_) => {
                node.entries[0] = mark(&node.entries[0]);
                Code::PromiseKind
            }
            None => {
                node.name = mark(&node.name);
                Code::SyntaxKind
            }
        };
        mistake(
            format!("{} of kind {}", row.shown(), kind.word()),
            &row.program(),
            &program,
            code,
        )
    });
    made.collect()
}
