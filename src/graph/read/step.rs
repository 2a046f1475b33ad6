//! `step` nodes: what runs, what it reads and writes, and under which conditions.

use super::flow::{emit, read, steps, write};
use super::overlay::overlays;
use super::program::{env, file, mount, program, serving, volume};
use super::retry::{approval, retries};
use super::work::{checkpoint, model, traffic};
use super::{Context, promise, scalar, site, text};
use crate::graph::model::*;
use crate::graph::outline::{Outline, StepOutline};
use crate::graph::reference::Scope;
use crate::graph::residency::Inherited;
use crate::quantity::Seconds;
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// Reads one step. Whatever is wrong in it is reported and left out.
pub(in crate::graph) fn step(
    outline: &Outline<'_>,
    step: &StepOutline<'_>,
    pipeline: PipelineId,
    context: &mut Context<'_, '_>,
) -> Step {
    let scope = Scope {
        outline,
        step: Some(step),
    };
    let serving = (step.kind == StepKind::Serving)
        .then(|| serving(step, context))
        .flatten();
    let program = program(step, outline, serving.as_ref(), context);
    let texts = |name: &str, context: &mut Context<'_, '_>| -> Vec<Text> {
        let Some(node) = step.child(name) else {
            return Vec::new();
        };
        node.arguments
            .iter()
            .map(|word| text(word, scope, context))
            .collect()
    };
    let (command, args) = (texts("command", context), texts("args", context));
    let env = step
        .all("env")
        .filter_map(|node| env(node, scope, context))
        .collect();
    let when = step.child("when").and_then(|node| match node.arguments.first() {
        Some(Spanned {
            value: Value::Condition(condition),
            span,
        }) => crate::graph::condition::resolve(scope, &Spanned::new(condition.clone(), *span), context.out),
        _ => None,
    });
    Step {
        id: step.id,
        pipeline,
        name: step.name.clone(),
        was: step.node.text("was").map(|was| was.value),
        description: step
            .child("description")
            .and_then(|node| node.argument_text(0))
            .map(|text| text.value),
        kind: step.kind,
        program,
        command,
        args,
        script: step.child("script").and_then(|node| {
            Some(Script {
                text: node.argument_text(0)?,
                shell: node.word("shell"),
            })
        }),
        env,
        secrets: step
            .all("secret")
            .filter_map(|node| mount(node).map(|(name, mount)| SecretMount { name, mount }))
            .collect(),
        files: step.all("file").filter_map(|node| file(node, context)).collect(),
        volumes: step.all("volume").filter_map(volume).collect(),
        reads: step
            .all("reads")
            .filter_map(|node| read(node, outline, step, context))
            .collect(),
        writes: step
            .all("writes")
            .filter_map(|node| write(node, outline, context))
            .collect(),
        emits: step.all("emits").filter_map(emit).collect(),
        when,
        otherwise: steps(step.child("otherwise"), outline, context),
        after: steps(step.child("after"), outline, context),
        finally: step.child("finally").is_some() && !step.kind.always_on(),
        approval: step.child("approval").and_then(approval),
        retry: retries(step, context.out),
        timeout: step.child("timeout").and_then(|node| node.argument_duration(0)),
        cache: step.child("cache").map(|node| {
            node.duration("for")
                .map_or(Seconds(f64::INFINITY), |time| time.value)
        }),
        checkpoint: step.child("checkpoint").and_then(checkpoint),
        model: step.child("model").and_then(|node| model(node, context)),
        needs: site::needs(step.child("needs"), context),
        at_least: site::needs(step.child("at-least"), context),
        at_most: site::needs(step.child("at-most"), context),
        only: step
            .all("only")
            .map(|node| site::narrowing(node, context))
            .collect(),
        never: step
            .all("never")
            .map(|node| site::narrowing(node, context))
            .collect(),
        with: proximity(step.child("with"), outline, context),
        apart: proximity(step.child("apart"), outline, context),
        serving,
        traffic: step
            .child("traffic")
            .and_then(|node| traffic(node, outline, context.out)),
        each: scope.each_ids(step),
        promises: promise::promises(&step.children, outline, context),
        overlays: overlays(step.all("overlay"), context),
        predecessors: Vec::new(),
        inherited: Inherited::default(),
        span: step.name.span,
    }
}

fn proximity(node: Option<&Node>, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Vec<Proximity> {
    let Some(node) = node else { return Vec::new() };
    let level = match node.word("level").as_str() {
        "node" => Level::Node,
        "zone" => Level::Zone,
        "cloud" => Level::Cloud,
        _ => Level::Region,
    };
    steps(Some(node), outline, context)
        .into_iter()
        .map(|step| Proximity { step, level })
        .collect()
}

/// Values that stand for themselves, e.g. defaults of parameters.
pub(super) fn scalars(node: &Node, from: usize, context: &Context<'_, '_>) -> Vec<Scalar> {
    node.arguments
        .iter()
        .skip(from)
        .map(|value| scalar(&value.value, context.sources, value.span))
        .collect()
}
