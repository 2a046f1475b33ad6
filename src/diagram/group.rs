//! Groups of nodes, one inside the other.

use crate::graph::model::{EachId, Graph};

/// A frame around nodes and other frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Unique in the diagram.
    pub id: String,
    /// What is written on it.
    pub title: String,
    /// In it, and in no group inside.
    pub nodes: Vec<Node>,
    /// Inside.
    pub groups: Vec<Group>,
}

/// A step or a data set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Unique in the diagram.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Lines below it.
    pub notes: Vec<String>,
    /// How it is drawn.
    pub shape: Shape,
}

/// How a node is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A step that ends.
    Work,
    /// A step that is always on.
    Service,
    /// A data set.
    Data,
}

impl Group {
    /// An empty one.
    pub fn new(id: String, title: String) -> Group {
        Group {
            id,
            title,
            nodes: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Puts `node` into the group at the end of `path`, a list of ids and titles from outside to inside.
    pub fn insert(&mut self, path: &[(String, String)], node: Node) {
        let Some(((id, title), inner)) = path.split_first() else {
            self.nodes.push(node);
            return;
        };
        if !self.groups.iter().any(|group| group.id == *id) {
            self.groups.push(Group::new(id.clone(), title.clone()));
        }
        if let Some(group) = self.groups.iter_mut().find(|group| group.id == *id) {
            group.insert(inner, node);
        }
    }
}

/// Id and title of a fan-out's group.
pub fn fan_out(graph: &Graph, each: EachId) -> (String, String) {
    let variable = &graph[each].variable.value;
    let title = match graph[each].items.expected() {
        Some(items) => format!("each {variable} x {items}"),
        None => format!("each {variable}"),
    };
    (format!("e{}", each.0), title)
}
