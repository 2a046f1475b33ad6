//! `approval`: a run waits for a person, who resumes it with an answer. No answer is a no, and a no is a failure.

use super::added;
use super::dag::{Maker, waiting};
use super::needs::Wait;
use super::stock::Script;
use super::types::{Empty, Inputs, Parameter, Suspend, Task, Template, ValueFrom};
use crate::graph::Approval;
use crate::lower::names::EXECUTOR;
use crate::lower::pod;

/// Name of the template that looks at the answer.
const CHECK: &str = "check--approved";
const ANSWER: &str = "approved";

/// `depends` of the step once it is approved.
pub fn granted(step: &str) -> String {
    format!("approved--{step}.Succeeded")
}

/// The question, and a task that fails unless the answer is yes. Argo goes on by itself when the time is over.
pub fn tasks(maker: &mut Maker<'_, '_>, step: &str, approval: &Approval, wait: &Wait) -> Vec<Task> {
    let question = format!("approve--{step}");
    maker.templates.push(template(&question, approval));
    let env = vec![pod::variable("VALUE", "{{inputs.parameters.value}}")];
    maker.templates.push(added::script(
        maker.chart,
        CHECK,
        Script::Check,
        &["value"],
        env,
        EXECUTOR,
    ));
    let answered = Wait {
        depends: vec![format!("{question}.Succeeded")],
        guards: Vec::new(),
    };
    let mut check = waiting(&format!("approved--{step}"), CHECK, &answered);
    let answer = format!("{{{{tasks.{question}.outputs.parameters.{ANSWER}}}}}");
    check.arguments.parameters = vec![Parameter::value("value", answer)];
    vec![waiting(&question, &question, wait), check]
}

fn template(name: &str, approval: &Approval) -> Template {
    let input = Parameter {
        default: Some("no".to_owned()),
        description: Some(plain(&approval.question)),
        choices: vec!["yes".to_owned(), "no".to_owned()],
        ..Parameter::input(ANSWER)
    };
    let supplied = ValueFrom {
        supplied: Some(Empty {}),
        default: Some("no".to_owned()),
        ..ValueFrom::default()
    };
    Template {
        name: name.to_owned(),
        inputs: Inputs {
            parameters: vec![input],
            ..Inputs::default()
        },
        outputs: Inputs {
            parameters: vec![Parameter::from(ANSWER, supplied)],
            ..Inputs::default()
        },
        suspend: Some(Suspend {
            duration: format!("{}s", approval.timeout.0.max(1.0).round()),
        }),
        ..Template::default()
    }
}

/// A text for people in a field that Argo fills in: a word joiner, which nobody sees, parts the braces.
fn plain(text: &str) -> String {
    let parted = |text: &str| text.replace("{{", "{\u{2060}{");
    // Of three braces in a row, the first time parts the first two only.
    parted(&parted(text))
}
