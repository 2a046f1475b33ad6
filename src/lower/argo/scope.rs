//! Where a value is, as seen from one DAG template: an output of one of its tasks, or one of its own inputs.
//!
//! Values are written as expressions of expr-lang, the language inside Argo's `{{= }}`. Texts that only a run knows are
//! encoded at the first hop ([`encoded`]), so that Argo, which fills in whole templates again and again, never takes
//! them for placeholders, and the kubelet decodes them; numbers need no such care.

use std::collections::BTreeMap;

use super::tree::Node;
use crate::graph::{Binding, Graph, PipelineId, RunField, StepId, ValueType};

/// A DAG template from inside.
pub struct Scope<'a> {
    /// What is lowered.
    pub graph: &'a Graph,
    /// The task that runs each of its steps.
    tasks: BTreeMap<StepId, &'a Node>,
    /// True for the DAG that asks first what earlier runs left; others are told.
    pub recalls: bool,
}

/// An expression, and whether the text it gives is encoded already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// In expr-lang, without the braces around it.
    pub expression: String,
    /// True if what it gives is encoded.
    pub encoded: bool,
}

impl<'a> Scope<'a> {
    /// The DAG whose tasks are `nodes`.
    pub fn new(graph: &'a Graph, nodes: &'a [Node]) -> Scope<'a> {
        let runs = |node: &'a Node| node.steps().into_iter().map(move |step| (step, node));
        Scope {
            graph,
            tasks: nodes.iter().flat_map(runs).collect(),
            recalls: false,
        }
    }

    /// The same, for the DAG that asks what earlier runs left.
    pub fn recalling(self, recalls: bool) -> Scope<'a> {
        Scope { recalls, ..self }
    }

    /// What the last run of a pipeline left, a JSON object of texts.
    pub fn last(&self, pipeline: PipelineId) -> String {
        let name = &self.graph[pipeline].name.value;
        match self.recalls {
            true => format!(
                r#"tasks["{}"].outputs.parameters["{LAST}"]"#,
                recall_name(self.graph, pipeline)
            ),
            false => format!(r#"inputs.parameters["last_{name}"]"#),
        }
    }

    /// The task that runs `step`, if it is in this DAG.
    pub fn task(&self, step: StepId) -> Option<&'a Node> {
        self.tasks.get(&step).copied()
    }

    /// The value of `binding`. One that this DAG cannot know is expected among its inputs.
    pub fn source(&self, binding: &Binding) -> Source {
        match binding {
            Binding::Parameter { name, .. } => raw(format!(r#"workflow.parameters["{name}"]"#)),
            Binding::Run(field) => raw(run(*field).to_owned()),
            Binding::Item { .. } | Binding::DataUri(_) | Binding::DataPath(_) => self.input(binding),
            Binding::Output {
                steps, output, ty, ..
            } => self.output(steps, output, *ty, binding),
        }
    }

    /// The output of whichever of `steps` ran.
    fn output(&self, steps: &[StepId], output: &str, ty: ValueType, binding: &Binding) -> Source {
        let (here, elsewhere): (Vec<StepId>, Vec<StepId>) =
            steps.iter().partition(|step| self.task(**step).is_some());
        if here.is_empty() {
            return self.input(binding);
        }
        let textual = matches!(ty, ValueType::String | ValueType::List);
        let own = |step: &StepId, alone: bool| {
            let value = self.emitted(*step, output, alone);
            if textual && !elsewhere.is_empty() {
                encoded(&value)
            } else {
                value
            }
        };
        if let ([only], []) = (here.as_slice(), elsewhere.as_slice()) {
            return raw(own(only, true));
        }
        let last = if elsewhere.is_empty() {
            None
        } else {
            Some(self.input(binding).expression)
        };
        let choices: Vec<String> = here.iter().map(|step| own(step, false)).collect();
        let expression = self.first(&here, choices, last);
        Source {
            expression,
            encoded: textual && !elsewhere.is_empty(),
        }
    }

    /// `a` if its task succeeded, else `b` …; the last is not asked.
    fn first(&self, steps: &[StepId], choices: Vec<String>, last: Option<String>) -> String {
        let mut pairs: Vec<(StepId, String)> = steps.iter().copied().zip(choices).collect();
        let fallback = last.or_else(|| pairs.pop().map(|(_, choice)| choice));
        let mut expression = fallback.unwrap_or_default();
        for (step, choice) in pairs.into_iter().rev() {
            expression = format!("({} ? {choice} : {expression})", self.succeeded(step));
        }
        expression
    }

    /// An output of a task. Argo waits for ever for an output that a skipped task never gave; `get` hides from it
    /// which ones are asked for, where more than one task may give the value.
    pub fn emitted(&self, step: StepId, output: &str, alone: bool) -> String {
        let Some(node) = self.task(step) else {
            return String::new();
        };
        let task = node.name(self.graph);
        let name = match node {
            Node::Step(_) => output.to_owned(),
            Node::Each { .. } => output_name(self.graph, &[step], output),
        };
        if alone {
            format!(r#"tasks["{task}"].outputs.parameters["{name}"]"#)
        } else {
            format!(r#"get(tasks["{task}"], "outputs").parameters["{name}"]"#)
        }
    }

    /// True at run time if the step's task is in this DAG and succeeded.
    pub fn succeeded(&self, step: StepId) -> String {
        match self.task(step) {
            Some(node) => format!(r#"tasks["{}"].status == "Succeeded""#, node.name(self.graph)),
            None => format!(r#"inputs.parameters["{}"] == "true""#, ran_name(self.graph, step)),
        }
    }

    /// True at run time if one of `steps` succeeded.
    pub fn any_succeeded(&self, steps: &[StepId]) -> String {
        let ran: Vec<String> = steps.iter().map(|step| self.succeeded(*step)).collect();
        format!("({})", ran.join(" or "))
    }

    /// An output of whichever of `steps`, all in this DAG, succeeded.
    pub fn first_emitted(&self, steps: &[StepId], output: &str) -> String {
        let choices = steps.iter().map(|step| self.emitted(*step, output, false));
        self.first(steps, choices.collect(), None)
    }

    fn input(&self, binding: &Binding) -> Source {
        let name = input_name(self.graph, binding).unwrap_or_default();
        Source {
            expression: format!(r#"inputs.parameters["{name}"]"#),
            encoded: true,
        }
    }
}

fn raw(expression: String) -> Source {
    Source {
        expression,
        encoded: false,
    }
}

/// `expression`, such that the kubelet gives the program exactly what it gives.
pub fn encoded(expression: &str) -> String {
    format!(r#"replace(replace({expression}, "$", "$$"), "{{", "$(PORTOLAN_BRACE)")"#)
}

/// What [`encoded`] makes of a text that is known already.
pub fn encode(text: &str) -> String {
    text.replace('$', "$$").replace('{', "$(PORTOLAN_BRACE)")
}

/// The value of a field of the run.
fn run(field: RunField) -> &'static str {
    match field {
        RunField::Id => "workflow.parameters.run",
        RunField::Date => "workflow.parameters.date",
        RunField::Time => "workflow.creationTimestamp.RFC3339",
        RunField::Status => "lower(workflow.status)",
    }
}

/// The input parameter under which a template is handed a value; `None` if every template can see it anyway.
pub fn input_name(graph: &Graph, binding: &Binding) -> Option<String> {
    match binding {
        Binding::Parameter { .. } | Binding::Run(_) | Binding::DataPath(_) => None,
        Binding::Item { each, field } => {
            let field = field.iter().map(|field| format!("_{field}"));
            Some(format!(
                "each_{}{}",
                graph[*each].variable.value,
                field.collect::<String>()
            ))
        }
        Binding::Output { steps, output, .. } => Some(output_name(graph, steps, output)),
        Binding::DataUri(data) => Some(format!("uri_{}", graph[*data].name.value)),
    }
}

/// The parameter that carries an output. Names have no underscores, so two outputs never share one.
pub fn output_name(graph: &Graph, steps: &[StepId], output: &str) -> String {
    let names: Vec<&str> = steps
        .iter()
        .map(|step| graph[*step].name.value.as_str())
        .collect();
    format!("{}_{output}", names.join("_or_"))
}

/// The output of the tasks that ask what earlier runs left.
pub const LAST: &str = "last";

/// The task that asks what the last run of a pipeline left.
pub fn recall_name(graph: &Graph, pipeline: PipelineId) -> String {
    format!("recall--{}", graph[pipeline].name.value)
}

/// The parameter that says whether a step of another DAG succeeded.
pub fn ran_name(graph: &Graph, step: StepId) -> String {
    format!("ran_{}", graph[step].name.value)
}
