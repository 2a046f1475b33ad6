//! The documents of an import, and where references between them lead.

use crate::import::yaml::Node;
use crate::source::Span;

/// A document that has templates.
pub struct Home<'t> {
    /// Its name, or what its name is generated from.
    pub name: &'t str,
    /// The line that names it.
    pub span: Span,
    /// What it says of a workflow.
    pub spec: &'t Node,
    /// What it says of when to run it.
    pub cron: Option<&'t Node>,
    shared: bool,
}

impl<'t> Home<'t> {
    /// The template of that name.
    pub fn template(&self, name: &str) -> Option<&'t Node> {
        let templates = self.spec.items_of("templates").iter();
        templates.into_iter().find(|it| it.text_of("name") == Some(name))
    }
}

/// All of them.
pub struct Library<'t> {
    homes: Vec<Home<'t>>,
}

impl<'t> Library<'t> {
    /// Documents of other kinds are passed over: folders of manifests hold many.
    pub fn of(documents: &'t [Node]) -> Library<'t> {
        Library {
            homes: documents.iter().filter_map(home).collect(),
        }
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.homes.is_empty()
    }

    /// All, in the order of files.
    pub fn homes(&self) -> &[Home<'t>] {
        &self.homes
    }

    /// The workflow template of that name, of a namespace or of the cluster.
    pub fn find(&self, name: &str) -> Option<&Home<'t>> {
        self.homes.iter().find(|home| home.shared && home.name == name)
    }
}

fn home(document: &Node) -> Option<Home<'_>> {
    let kind = document.text_of("kind")?;
    let spec = document.get("spec")?;
    let (spec, cron) = match kind {
        "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate" => (spec, None),
        "CronWorkflow" => (spec.get("workflowSpec")?, Some(spec)),
        _ => return None,
    };
    let metadata = document.get("metadata");
    let named = |key| metadata.and_then(|metadata| metadata.get(key));
    let name = named("name").or_else(|| named("generateName"));
    Some(Home {
        name: name
            .and_then(Node::text)
            .map_or("workflow", |name| name.trim_end_matches('-')),
        span: name.map_or(document.span, |name| name.span),
        spec,
        cron,
        shared: kind.ends_with("WorkflowTemplate"),
    })
}
