//! Mermaid flowcharts: <https://mermaid.js.org/syntax/flowchart.html>.

use super::{Diagram, Flow, Group, Node, Shape};

/// The diagram as a flowchart, from left to right.
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = String::from("flowchart LR\n");
    for group in &diagram.groups {
        write_group(group, 1, &mut text);
    }
    for edge in &diagram.edges {
        let arrow = match edge.flow {
            Flow::Data => "-->",
            Flow::Condition => "-.->",
            Flow::Order => "==>",
        };
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", escaped(&edge.label))
        };
        text.push_str(&format!("    {} {arrow}{label} {}\n", edge.from, edge.to));
    }
    text
}

fn write_group(group: &Group, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    text.push_str(&format!(
        "{indent}subgraph {}[\"{}\"]\n",
        group.id,
        escaped(&group.title)
    ));
    for node in &group.nodes {
        text.push_str(&format!("{indent}    {}\n", shown(node)));
    }
    for inner in &group.groups {
        write_group(inner, depth + 1, text);
    }
    text.push_str(&format!("{indent}end\n"));
}

fn shown(node: &Node) -> String {
    let notes = node
        .notes
        .iter()
        .map(|note| format!("<br/><small>{}</small>", escaped(note)));
    let label = escaped(&node.title) + &notes.collect::<String>();
    match node.shape {
        Shape::Work => format!("{}[\"{label}\"]", node.id),
        Shape::Service => format!("{}([\"{label}\"])", node.id),
        Shape::Data => format!("{}[(\"{label}\")]", node.id),
    }
}

/// Everything that Mermaid, its Markdown or HTML would read otherwise becomes a character code.
fn escaped(text: &str) -> String {
    let code = |c: char| match c {
        c if c.is_control() => " ".to_owned(),
        c if c.is_alphanumeric() || " .,:-_/()+%@".contains(c) => c.to_string(),
        c => format!("#{};", u32::from(c)),
    };
    text.chars().map(code).collect()
}
