//! Graphviz: <https://graphviz.org/doc/info/lang.html>.

use super::{Diagram, Flow, Group, Node, Shape};

/// The diagram as a digraph, from left to right.
pub fn dot(diagram: &Diagram) -> String {
    let mut text = String::from(
        "digraph portolan {\n    rankdir=LR\n    node [shape=box fontname=\"Helvetica\"]\n    edge [fontname=\"Helvetica\" fontsize=10]\n",
    );
    for group in &diagram.groups {
        write_group(group, 1, &mut text);
    }
    for edge in &diagram.edges {
        let style = match edge.flow {
            Flow::Data => "solid",
            Flow::Condition => "dashed",
            Flow::Order => "bold",
        };
        let label = escaped(&edge.label);
        text.push_str(&format!(
            "    {} -> {} [label=\"{label}\" style={style}]\n",
            edge.from, edge.to
        ));
    }
    text + "}\n"
}

fn write_group(group: &Group, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    // Graphviz frames only what is called `cluster`.
    text.push_str(&format!("{indent}subgraph cluster_{} {{\n", group.id));
    text.push_str(&format!("{indent}    label=\"{}\"\n", escaped(&group.title)));
    for node in &group.nodes {
        text.push_str(&format!("{indent}    {}\n", shown(node)));
    }
    for inner in &group.groups {
        write_group(inner, depth + 1, text);
    }
    text.push_str(&format!("{indent}}}\n"));
}

fn shown(node: &Node) -> String {
    let notes = node.notes.iter().map(|note| format!("\\n{}", escaped(note)));
    let label = escaped(&node.title) + &notes.collect::<String>();
    let style = match node.shape {
        Shape::Work => "shape=box",
        Shape::Service => "shape=box style=rounded",
        Shape::Data => "shape=cylinder",
    };
    format!("{} [label=\"{label}\" {style}]", node.id)
}

fn escaped(text: &str) -> String {
    let code = |c: char| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(code).collect()
}
