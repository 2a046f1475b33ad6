//! `given`: what is so.

use super::Reader;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::read::retry::cause;
use crate::graph::read::typed::number;
use crate::graph::read::{Context, scalar, site};
use crate::graph::reference::Scope;
use crate::source::Spanned;
use crate::syntax::{Node, Path};

impl Reader<'_, '_> {
    /// One `given` line; reports what the pipeline does not have.
    pub(super) fn given(&self, line: &Node, context: &mut Context<'_, '_>) -> Option<Given> {
        if let Some(lost) = line.text("lost") {
            return Some(Given::Lost(site(&lost, context)?.value));
        }
        if line.property("fails").is_some() {
            let step = self.step(line, "fails", context)?.value;
            return Some(Given::Fails {
                step,
                items: self.items(line, step, context),
                times: line.integer("times").map(|times| times.value),
                cause: cause(&line.word("cause")),
            });
        }
        self.only_beside_fails(line, context);
        let name = line.argument_text(0)?;
        let path = Spanned::new(
            Path(name.value.split('.').map(str::to_owned).collect()),
            name.span,
        );
        let scope = Scope {
            outline: self.outline,
            step: None,
        };
        let binding = self.of_this_test(context, |context| scope.resolve(&path, context.out))?;
        match binding {
            Binding::Parameter { name: own, ty, list } => {
                let values = self.values(line, &name, ty, (!list).then_some(1), context)?;
                Some(Given::Parameter { name: own, values })
            }
            Binding::Output {
                steps, output, ty, ..
            } => {
                let items = steps.first().and_then(|step| self.fan_out(&self.graph[*step]));
                let most = match (ty, items) {
                    // The values are the list's items.
                    (ValueType::List, _) => None,
                    (_, None) => Some(1),
                    (_, Some(items)) => items,
                };
                let values = self.values(line, &name, ty, most, context)?;
                Some(Given::Output {
                    steps,
                    output,
                    values,
                })
            }
            Binding::Item { .. } | Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => {
                let message = format!("`{}` is not for a test to give", name.value);
                let found = Diagnostic::new(Code::TestSubject, name.span, "neither of both", message);
                context
                    .out
                    .push(found.help("give an output, such as `train.auc`, or a parameter"));
                None
            }
        }
    }

    /// The values after the reference: of its type, and one, or as many as there are items.
    fn values(
        &self,
        line: &Node,
        name: &Spanned<String>,
        ty: ValueType,
        most: Option<u64>,
        context: &mut Context<'_, '_>,
    ) -> Option<Vec<Scalar>> {
        let values = line.arguments.get(1..).unwrap_or_default();
        let what = format!("`{}`", name.value);
        for value in values {
            number(value, ty, &what, context.out);
        }
        let count = values.len() as u64;
        if count == 0 {
            if !line.damaged {
                let message = format!("nothing says which value `{}` has", name.value);
                let found = Diagnostic::new(Code::SyntaxArgument, name.span, "a value is missing", message);
                context
                    .out
                    .push(found.help("write the value after it, such as `given train.auc 0.9`"));
            }
            return None;
        }
        if let Some(most) = most.filter(|most| count != 1 && count != *most) {
            let message = match most {
                1 => format!("`{}` has one value, not {count}", name.value),
                most => format!(
                    "`{}` has {most} values, one for each item, not {count}",
                    name.value
                ),
            };
            let found = Diagnostic::new(Code::TestSubject, name.span, "not so many", message);
            context.out.push(found.help(match most {
                1 => "give one value".to_owned(),
                most => format!("give {most} values, or one that all items have"),
            }));
            return None;
        }
        Some(
            values
                .iter()
                .map(|value| scalar(&value.value, context.sources, value.span))
                .collect(),
        )
    }

    fn only_beside_fails(&self, line: &Node, context: &mut Context<'_, '_>) {
        let words = ["items", "times", "cause"];
        for property in line
            .properties
            .iter()
            .filter(|own| words.contains(&own.name.value.as_str()))
        {
            let name = &property.name;
            let message = format!("`{}=` is about a step that fails", name.value);
            let found = Diagnostic::new(Code::SyntaxProperty, name.span, "nothing fails here", message);
            context
                .out
                .push(found.help("write `fails=STEP` beside it, or remove it"));
        }
    }
}

/// True if both say something of one thing.
pub(super) fn same(one: &Given, other: &Given) -> bool {
    match (one, other) {
        (
            Given::Output { steps, output, .. },
            Given::Output {
                steps: others,
                output: same,
                ..
            },
        ) => output == same && steps == others,
        (Given::Parameter { name, .. }, Given::Parameter { name: other, .. }) => name == other,
        (
            Given::Fails { step, cause, .. },
            Given::Fails {
                step: other,
                cause: same,
                ..
            },
        ) => step == other && cause == same,
        (Given::Lost(site), Given::Lost(other)) => site == other,
        (Given::Output { .. } | Given::Parameter { .. } | Given::Fails { .. } | Given::Lost(_), _) => false,
    }
}
