//! Programs made from the grammar table: for every node one in which it stands legally.

pub mod company;
pub mod grown;
pub mod random;
mod typed;

use std::sync::LazyLock;

use portolan::syntax::StepKind;
use portolan::syntax::grammar::{GRAMMAR, Rule, Slot, TOP, Type};

pub use typed::{Marked, Typed, mark};

/// What samples refer to.
static WORLD: LazyLock<Vec<Typed>> = LazyLock::new(|| Typed::read(include_str!("program/world.kdl")));

/// A node of the language in one of its places. A promise is a node for each kind of promise.
#[derive(Clone, Copy)]
pub struct Row {
    pub rule: &'static Rule,
    pub promise: Option<&'static Rule>,
    pub parent: &'static str,
}

/// Every node in every place that the table gives it.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for rule in &GRAMMAR.rules {
        for parent in &rule.parents {
            let row = Row {
                rule,
                promise: None,
                parent,
            };
            if matches!(rule.name.as_str(), "promise" | "prefer") {
                let kinds = GRAMMAR.promises.iter();
                let here = kinds.filter(|kind| kind.parents.contains(parent));
                rows.extend(here.map(|kind| Row {
                    promise: Some(kind),
                    ..row
                }));
            } else {
                rows.push(row);
            }
        }
    }
    rows
}

impl Row {
    /// The rules of its line: that of the node and, for promises, that of the kind.
    pub fn rules(self) -> impl Iterator<Item = &'static Rule> {
        std::iter::once(self.rule).chain(self.promise)
    }

    pub fn arguments(self) -> Vec<&'static Slot> {
        self.rules().flat_map(|rule| &rule.arguments).collect()
    }

    pub fn properties(self) -> Vec<&'static Slot> {
        self.rules().flat_map(|rule| &rule.properties).collect()
    }

    /// True if it may stand in a step of this kind.
    pub fn allowed_in(self, kind: StepKind) -> bool {
        self.rules().all(|rule| rule.allowed_in(kind))
    }

    /// For messages: `reads in step`.
    pub fn shown(self) -> String {
        let kind = self.promise.map(|kind| format!(" {}", kind.name));
        format!(
            "{}{} in {}",
            self.rule.name,
            kind.unwrap_or_default(),
            self.parent
        )
    }

    /// A kind of step in which it may stand, if that is not a `task`.
    fn kind(self) -> Option<StepKind> {
        let kind = StepKind::ALL.into_iter().find(|kind| self.allowed_in(*kind));
        kind.filter(|kind| self.parent == "step" && *kind != StepKind::Task)
    }

    /// The node with nothing but what must be there.
    pub fn minimal(self) -> Typed {
        let mut node = Typed::new(&self.rule.name);
        for slot in self.arguments() {
            let chosen = self.rules().flat_map(|rule| &rule.either);
            let first = chosen
                .filter_map(|group| group.first())
                .any(|name| *name == slot.name);
            if slot.required || first {
                node.entries.push(self.sample(slot));
            }
        }
        for slot in self.properties() {
            let chosen = self.rules().flat_map(|rule| &rule.either);
            let first = chosen
                .filter_map(|group| group.first())
                .any(|name| *name == slot.name);
            if slot.required || first {
                node.set(&slot.name, self.sample(slot));
            }
        }
        node
    }

    /// A value for `slot`, as it is typed.
    pub fn sample(self, slot: &Slot) -> String {
        match self.promise {
            Some(kind) if slot.name == "kind" => kind.name.clone(),
            _ if slot.ty == Type::Name && slot.sample.is_none() => format!("the-{}", self.rule.name),
            _ => slot.sample().to_owned(),
        }
    }

    /// Takes out of `node` whatever excludes its part called `name`.
    pub fn make_room(self, node: &mut Typed, name: &str) {
        let groups = |rule: &'static Rule| rule.either.iter().chain(&rule.at_most_one);
        let groups = self.rules().flat_map(groups);
        let groups = groups.filter(|group| group.iter().any(|own| own == name));
        for other in groups.flatten().filter(|other| *other != name) {
            self.take_out(node, other);
        }
    }

    /// Takes the argument or property called `name` out of `node`.
    pub fn take_out(self, node: &mut Typed, name: &str) {
        if let Some(at) = node.property(name) {
            node.entries.remove(at);
        }
        if let Some(index) = self.arguments().iter().position(|slot| slot.name == name) {
            for at in node.arguments().into_iter().skip(index).rev() {
                node.entries.remove(at);
            }
        }
    }

    /// The whole program in which it stands.
    pub fn program(self) -> Program {
        self.program_in(self.kind())
    }

    /// The program in which it stands in a step of this kind, allowed or not.
    pub fn program_in(self, kind: Option<StepKind>) -> Program {
        let mut nodes = WORLD.clone();
        let mut path = Vec::new();
        let mut at = &mut nodes;
        let chain = self.chain();
        for (depth, row) in chain.iter().enumerate() {
            let inner = chain.get(depth + 1).copied();
            let index = match shared(row.rule, inner, at) {
                Some(index) => index,
                None => add(at, company::complete(*row, inner, kind, self), row.rule),
            };
            path.push(index);
            at = &mut at[index].children;
        }
        Program { nodes, path }
    }

    /// The nodes around it, outermost first, and itself.
    fn chain(self) -> Vec<Row> {
        let mut chain = vec![self];
        while let Some(inner) = chain.first().filter(|row| row.parent != TOP).copied() {
            chain.insert(0, place(inner.parent));
        }
        chain
    }
}

/// The node called `name` in the first of its places.
pub fn place(name: &str) -> Row {
    let rule = GRAMMAR
        .rules
        .iter()
        .find(|rule| rule.name == name)
        .expect("a parent is a node");
    Row {
        rule,
        promise: None,
        parent: &rule.parents[0],
    }
}

/// Where the world has such a node already, to which `inner` can be added.
fn shared(rule: &Rule, inner: Option<Row>, world: &[Typed]) -> Option<usize> {
    let shared = match rule.name.as_str() {
        "pipeline" | "platform" => true,
        "cloud" => inner.is_some(),
        _ => false,
    };
    world.iter().position(|node| shared && node.name == rule.name)
}

/// Adds `node`, instead of one of the world that stands only once.
fn add(nodes: &mut Vec<Typed>, node: Typed, rule: &Rule) -> usize {
    nodes.retain(|other| rule.many || other.name != node.name);
    nodes.push(node);
    nodes.len() - 1
}

/// A program and the node in it that it is about.
#[derive(Clone)]
pub struct Program {
    nodes: Vec<Typed>,
    path: Vec<usize>,
}

impl Program {
    /// The node it is about.
    pub fn node(&mut self) -> &mut Typed {
        let index = self.path[self.path.len() - 1];
        &mut self.siblings()[index]
    }

    /// The nodes that stand beside it, and itself, which is the last of those with its name.
    pub fn siblings(&mut self) -> &mut Vec<Typed> {
        let mut at = &mut self.nodes;
        for index in &self.path[..self.path.len() - 1] {
            at = &mut at[*index].children;
        }
        at
    }

    /// Its text, and where the marked word stands in it.
    pub fn marked(&self) -> Marked {
        typed::write(&self.nodes)
    }
}

/// The files that samples name.
pub fn files() -> std::collections::BTreeMap<String, String> {
    let prices = "cloud,region,instance_type,price_usd_per_hour\naws,eu-west-1,m7i.large,0.09\n";
    let patch = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: acme-churn\n  annotations:\n    acme.example/team: growth\n";
    [
        ("shared/templates.kdl", ""),
        ("prices/negotiated.csv", prices),
        ("overlays/namespace.yaml", patch),
        ("list_shards.py", "print([])\n"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}
