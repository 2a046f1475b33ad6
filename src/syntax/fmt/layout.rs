//! Lines -> text.

use super::lex::Token;
use super::line::{Block, Entry, Line, Node, Part};
use super::spell::Place;

/// Spaces of one level.
const STEP: usize = 4;
/// A block that was typed on one line stays there up to this many characters.
const WIDTH: usize = 120;

/// The text of a whole file.
pub fn lay_out(file: &Block<'_>) -> String {
    let mut text = String::new();
    write_lines(file, 0, &Place::file(), &mut text);
    text
}

fn write_lines(block: &Block<'_>, indent: usize, parent: &Place<'_>, text: &mut String) {
    let last = block.lines.iter().rposition(|line| !matches!(line, Line::Blank));
    for line in block.lines.iter().take(last.map_or(0, |last| last + 1)) {
        match line {
            Line::Blank => {}
            Line::Comment(comment) => {
                text.push_str(&" ".repeat(indent));
                text.push_str(comment.text.trim_end());
            }
            Line::Node(node) => {
                text.push_str(&" ".repeat(indent));
                write_node(node, indent, parent, text);
                if let Some(comment) = node.trailing {
                    write_trailing(comment, text);
                }
            }
        }
        text.push('\n');
    }
}

fn write_node(node: &Node<'_>, indent: usize, parent: &Place<'_>, text: &mut String) {
    if node.dropped {
        text.push_str("/- ");
    }
    if let Some(annotation) = node.annotation {
        text.push_str(&format!("({annotation})"));
    }
    let mut place = parent.node(node.name);
    text.push_str(place.name());
    let mut fresh = false;
    for part in &node.parts {
        if !std::mem::take(&mut fresh) {
            text.push(' ');
        }
        match part {
            Part::Entry(entry) => write_entry(entry, indent, &mut place, text),
            Part::Comment(comment) => text.push_str(comment),
            Part::Continuation(comment) => {
                text.push('\\');
                if let Some(comment) = comment {
                    text.push(' ');
                    text.push_str(comment);
                }
                text.push('\n');
                text.push_str(&" ".repeat(indent + STEP));
                fresh = true;
            }
            Part::Children { dropped, block } => {
                if *dropped {
                    text.push_str("/-");
                }
                write_children(block, indent, &place, text);
            }
        }
    }
}

fn write_entry(entry: &Entry<'_>, indent: usize, place: &mut Place<'_>, text: &mut String) {
    if entry.dropped {
        text.push_str("/-");
    }
    if let Some(name) = entry.name {
        text.push_str(Place::property_name(name));
        text.push('=');
    }
    if let Some(annotation) = entry.annotation {
        text.push_str(&format!("({annotation})"));
    }
    text.push_str(&place.value(entry, indent + STEP));
}

fn write_children(block: &Block<'_>, indent: usize, place: &Place<'_>, text: &mut String) {
    if block.lines.is_empty() && block.opening.is_none() {
        text.push_str("{}");
        return;
    }
    if block.on_one_line {
        let line = one_line(block, indent, place);
        let before = text.rsplit('\n').next().unwrap_or_default();
        if before.chars().count() + line.chars().count() <= WIDTH {
            text.push_str(&line);
            return;
        }
    }
    text.push('{');
    if let Some(comment) = block.opening {
        write_trailing(comment, text);
    }
    text.push('\n');
    write_lines(block, indent + STEP, place, text);
    text.push_str(&" ".repeat(indent));
    text.push('}');
}

fn one_line(block: &Block<'_>, indent: usize, place: &Place<'_>) -> String {
    let mut nodes = Vec::new();
    for line in &block.lines {
        match line {
            Line::Node(node) => {
                let mut text = String::new();
                write_node(node, indent, place, &mut text);
                nodes.push(text);
            }
            Line::Blank | Line::Comment(_) => {}
        }
    }
    format!("{{ {} }}", nodes.join("; "))
}

/// A comment after code keeps its column if it had two spaces or more before it, moved as its line is moved.
fn write_trailing(comment: Token<'_>, text: &mut String) {
    let line = text.rsplit('\n').next().unwrap_or_default();
    let indent = line.len() - line.trim_start_matches(' ').len();
    let line = line.chars().count();
    let column = (comment.column + indent).saturating_sub(comment.indent);
    let gap = if comment.gap < 2 {
        2
    } else {
        column.saturating_sub(line).max(2)
    };
    text.push_str(&" ".repeat(gap));
    text.push_str(comment.text.trim_end());
}
