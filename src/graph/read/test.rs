//! `test`: a situation in a pipeline's own words. Whatever it names must be there.

mod expect;
mod given;

use super::Context;
use super::flow::step_reference;
use crate::diag::{Code, Diagnostic, Diagnostics, Fix};
use crate::graph::model::*;
use crate::graph::outline::Outline;
use crate::source::{Span, Spanned};
use crate::syntax::Node;

/// Reads one test against the pipeline it is about.
pub(in crate::graph) fn test(node: &Node, graph: &Graph, context: &mut Context<'_, '_>) -> Option<Test> {
    let name = node.argument_text(0)?;
    let pipeline = pipeline(node, &name, graph, context)?;
    let reader = Reader {
        outline: context.outlines.get(pipeline.0 as usize)?,
        graph,
        pipeline,
    };
    let given = node
        .all("given")
        .filter_map(|line| Some((reader.given(line, context)?, line.span)))
        .collect();
    let expect: Vec<Expectation> = node
        .all("expect")
        .filter_map(|line| reader.expect(line, context))
        .collect();
    if node.child("expect").is_none() && !node.damaged {
        let message = "this test expects nothing";
        let found = Diagnostic::new(Code::SyntaxMissing, name.span, "no `expect`", message);
        context
            .out
            .push(found.help("add what must happen, such as `expect skipped=publish`"));
    }
    Some(Test {
        name,
        pipeline,
        given: once(given, context.out),
        expect,
    })
}

/// The pipeline that the test names, or the only one of its file.
fn pipeline(
    node: &Node,
    name: &Spanned<String>,
    graph: &Graph,
    context: &mut Context<'_, '_>,
) -> Option<PipelineId> {
    if let Some(wanted) = node.text("pipeline") {
        let own = |pipeline: &&Pipeline| pipeline.name.value == wanted.value;
        let found = graph.pipelines.iter().find(own);
        if found.is_none() && !context.lost.may_declare(&wanted.value) {
            let names = graph
                .pipelines
                .iter()
                .map(|pipeline| pipeline.name.value.as_str());
            let near = crate::diag::suggest::nearest(&wanted.value, names);
            let message = format!("there is no pipeline `{}`", wanted.value);
            let found = Diagnostic::new(Code::TestSubject, wanted.span, "no such pipeline", message);
            context.out.push(found.did_you_mean(near));
        }
        return Some(found?.id);
    }
    let same_file = |pipeline: &&Pipeline| pipeline.name.span.source == node.span.source;
    let own: Vec<&Pipeline> = graph.pipelines.iter().filter(same_file).collect();
    if let [only] = own.as_slice() {
        return Some(only.id);
    }
    let (label, example) = match own.first() {
        Some(first) => ("there are several in this file", first.name.value.as_str()),
        None => ("there is none in this file", "NAME"),
    };
    let message = "this test does not say which pipeline it is about";
    let found = Diagnostic::new(Code::TestSubject, name.span, label, message);
    let fix = own.first().map(|first| Fix {
        span: name.span.part(name.span.length(), 0),
        text: format!(" pipeline={}", first.name.value),
    });
    context
        .out
        .push(found.help(format!("add `pipeline={example}`")).maybe_fix(fix));
    None
}

/// What is given, each once.
fn once(lines: Vec<(Given, Span)>, out: &mut Diagnostics) -> Vec<Given> {
    let mut kept: Vec<(Given, Span)> = Vec::new();
    for (given, span) in lines {
        match kept.iter().find(|(known, _)| given::same(known, &given)) {
            Some((_, first)) => {
                let found = Diagnostic::new(Code::SyntaxRepeated, span, "again here", "this is given twice");
                out.push(found.and(*first, "first here").help("remove one of them"));
            }
            None => kept.push((given, span)),
        }
    }
    kept.into_iter().map(|(given, _)| given).collect()
}

/// Reads the lines of a test.
struct Reader<'r, 'd> {
    outline: &'r Outline<'d>,
    graph: &'r Graph,
    pipeline: PipelineId,
}

impl Reader<'_, '_> {
    /// The step that the property called `word` names.
    fn step(&self, line: &Node, word: &str, context: &mut Context<'_, '_>) -> Option<Spanned<StepId>> {
        let name = line.text(word)?;
        self.of_this_test(context, |context| step_reference(&name, self.outline, context))
    }

    /// Whatever is wrong with a name in a test is that the pipeline does not have it.
    fn of_this_test<T>(
        &self,
        context: &mut Context<'_, '_>,
        read: impl FnOnce(&mut Context<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut found = Diagnostics::new();
        let result = read(&mut Context {
            out: &mut found,
            ..*context
        });
        let pipeline = &self.graph[self.pipeline].name;
        for one in found.sorted() {
            let about = Diagnostic {
                code: Code::TestSubject,
                ..one.clone()
            };
            context
                .out
                .push(about.and(pipeline.span, "the pipeline of this test"));
        }
        result
    }

    /// `items=`: not more than the step's fan-out has.
    fn items(&self, line: &Node, step: StepId, context: &mut Context<'_, '_>) -> Option<u64> {
        let items = line.integer("items")?;
        let step = &self.graph[step];
        let most = self.fan_out(step);
        let why = match most {
            None => format!("`{}` is in no fan-out, so it has no items", step.name.value),
            Some(Some(most)) if items.value > most => {
                format!("`{}` has {most} items, not {}", step.name.value, items.value)
            }
            Some(_) => return Some(items.value),
        };
        let found = Diagnostic::new(Code::TestSubject, items.span, "so many items", why);
        context.out.push(found.and(step.name.span, "this step"));
        None
    }

    /// The number of items of the fan-outs around a step, as far as it is known; `None`: there are none.
    fn fan_out(&self, step: &Step) -> Option<Option<u64>> {
        let counts = step.each.iter().map(|each| match &self.graph[*each].items {
            Items::Known(items) => (!items.is_empty()).then_some(items.len() as u64),
            Items::Output { .. } | Items::Parameter { .. } | Items::Partitions { .. } => None,
        });
        (!step.each.is_empty()).then(|| counts.product())
    }
}
