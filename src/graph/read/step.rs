//! `step` nodes: what runs, what it reads and writes, and under which conditions.

use super::work::{checkpoint, model, rollout, scale, traffic};
use super::{Context, promise, scalar, site, text};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::graph::model::*;
use crate::graph::outline::{Entity, Outline, StepOutline};
use crate::graph::reference::{Scope, gathers, makes_edges};
use crate::graph::residency::Inherited;
use crate::quantity::{Quantity, Seconds};
use crate::source::{Span, Spanned};
use crate::syntax::{Node, Value, beside};

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
        finally: step.child("finally").is_some(),
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
        overlays: step.all("overlay").filter_map(overlay).collect(),
        predecessors: Vec::new(),
        inherited: Inherited::default(),
        span: step.name.span,
    }
}

/// True if the line that says what the step runs was left out, or its value.
fn program_lost(step: &StepOutline<'_>, outline: &Outline<'_>) -> bool {
    let defaults = outline.node.child("defaults");
    let around = [Some(step.node), Some(outline.node), defaults];
    let own = ["image", "build", "runtime"].map(|word| step.child(word));
    around.into_iter().chain(own).flatten().any(|node| node.damaged)
}

fn program(
    step: &StepOutline<'_>,
    outline: &Outline<'_>,
    serving: Option<&Serving>,
    context: &mut Context<'_, '_>,
) -> Program {
    if let Some(image) = step.child("image").and_then(|node| node.argument_text(0)) {
        return Program::Image(image);
    }
    if let Some(node) = step.child("build") {
        let source = node
            .text("source")
            .unwrap_or_else(|| Spanned::new(String::new(), node.span));
        let base = node
            .text("base")
            .unwrap_or_else(|| Spanned::new(node.word("base"), node.span));
        let apt = node
            .all("apt")
            .flat_map(|apt| (0..apt.arguments.len()).filter_map(|index| apt.argument_text(index)));
        return Program::Build(Build {
            source,
            base,
            requirements: node.text("requirements"),
            dockerfile: node.text("dockerfile"),
            apt: apt.collect(),
        });
    }
    match serving.map(|serving| serving.runtime) {
        Some(runtime) if runtime != Runtime::Custom => {
            let span = step.child("runtime").map_or(step.name.span, |node| node.span);
            Program::Stock(Spanned::new(runtime, span))
        }
        // The line that says it may have been left out, or its value.
        _ if program_lost(step, outline) => {
            Program::Image(Spanned::new(String::new(), step.name.span))
        }
        _ => {
            let message = format!("nothing says what `{}` runs", step.name.value);
            context.out.push(
                Diagnostic::new(
                    Code::SyntaxMissing,
                    step.name.span,
                    "no `image` and no `build`",
                    message,
                )
                .help("add `image \"…\"` or `build source=\"…\"`, here or in `defaults`"),
            );
            Program::Image(Spanned::new(String::new(), step.name.span))
        }
    }
}

fn serving(step: &StepOutline<'_>, context: &mut Context<'_, '_>) -> Option<Serving> {
    let Some(node) = step.child("runtime") else {
        if step.node.damaged {
            return None;
        }
        let message = format!("`{}` does not say what serves", step.name.value);
        context.out.push(
            Diagnostic::new(Code::SyntaxMissing, step.name.span, "no `runtime`", message).help(
                "add `runtime triton`, or `runtime custom port=8080 health=\"/healthz\"` beside an image",
            ),
        );
        return None;
    };
    let word = node.argument_text(0)?;
    let (runtime, port, health) = match word.value.as_str() {
        "triton" => (Runtime::Triton, 8000, "/v2/health/ready"),
        "vllm" => (Runtime::Vllm, 8000, "/health"),
        "torchserve" => (Runtime::Torchserve, 8080, "/ping"),
        "sklearn" => (Runtime::Sklearn, 8080, "/v2/health/ready"),
        "xgboost" => (Runtime::Xgboost, 8080, "/v2/health/ready"),
        _ => (Runtime::Custom, 8080, "/healthz"),
    };
    let port = match node.integer("port") {
        Some(port) => u16::try_from(port.value)
            .ok()
            .filter(|port| *port > 0)
            .unwrap_or_else(|| {
                let message = format!("there is no port {}", port.value);
                context.out.push(Diagnostic::new(
                    Code::ValueRange,
                    port.span,
                    "1 to 65535",
                    message,
                ));
                8080
            }),
        None => port,
    };
    let via = if node.word("via") == "kserve" {
        Via::Kserve
    } else {
        Via::Deployment
    };
    Some(Serving {
        runtime,
        port,
        health: node
            .text("health")
            .map_or_else(|| health.to_owned(), |path| path.value),
        via,
        scale: scale(step.child("scale"), context),
        rollout: rollout(step.child("rollout")),
    })
}

fn env(node: &Node, scope: Scope<'_, '_>, context: &mut Context<'_, '_>) -> Option<EnvVar> {
    let name = node.argument_text(0)?;
    let value = match (node.text("secret"), node.arguments.get(1)) {
        (Some(secret), _) => EnvValue::Secret(secret_key(&secret, context)?),
        (None, Some(value)) => {
            let text = text(value, scope, context);
            literal_secret(&name, &text, value.span, context);
            EnvValue::Text(text)
        }
        (None, None) => return None,
    };
    Some(EnvVar { name, value })
}

/// `NAME.KEY`
fn secret_key(text: &Spanned<String>, context: &mut Context<'_, '_>) -> Option<SecretKey> {
    if let Some((name, key)) = text.value.split_once('.')
        && !name.is_empty()
        && !key.is_empty()
    {
        return Some(SecretKey {
            name: name.to_owned(),
            key: key.to_owned(),
        });
    }
    let message = format!("`{}` does not name a key of a secret", text.value);
    context.out.push(
        Diagnostic::new(Code::NameForm, text.span, "no key", message)
            .help(format!("write `secret={}.KEY`", text.value)),
    );
    None
}

/// A variable called `…_TOKEN` with its value in the file is a secret that leaked.
fn literal_secret(name: &Spanned<String>, value: &Text, span: Span, context: &mut Context<'_, '_>) {
    let secret = [
        "PASSWORD",
        "PASSWD",
        "TOKEN",
        "SECRET",
        "API_KEY",
        "ACCESS_KEY",
        "PRIVATE_KEY",
    ];
    let named = secret.iter().any(|word| name.value.ends_with(word));
    let prefixes = ["ghp_", "sk-", "AKIA", "xoxb-", "glpat-", "hf_", "-----BEGIN"];
    let literal = value.as_literal().unwrap_or_default();
    let looks = prefixes.iter().any(|prefix| literal.starts_with(prefix));
    if (named && literal.len() >= 8) || looks {
        let message = format!("the value of `{}` stands in the file", name.value);
        context.out.push(
            Diagnostic::new(Code::SecretLiteral, span, "a secret in plain text", message).help(format!(
                "write `env {} secret=NAME.KEY`, and change the secret: it has been seen",
                name.value
            )),
        );
    }
}

fn mount(node: &Node) -> Option<(Spanned<String>, Spanned<String>)> {
    Some((node.argument_text(0)?, node.text("mount")?))
}

fn file(node: &Node, context: &mut Context<'_, '_>) -> Option<FileMount> {
    let (path, mount) = mount(node)?;
    let target = beside(context.sources.path(path.span), &path.value);
    // A file that cannot be read is a mistake only where it is needed: when its content is lowered.
    let text = context.files.read(&target).ok();
    Some(FileMount { path, mount, text })
}

fn volume(node: &Node) -> Option<Volume> {
    let (name, mount) = mount(node)?;
    Some(Volume {
        name,
        size: node.bytes("size")?.value,
        mount,
        memory: node.word("medium") == "memory",
    })
}

fn read(
    node: &Node,
    outline: &Outline<'_>,
    step: &StepOutline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Read> {
    let name = node.argument_text(0)?;
    let previous = node.word("version") == "previous";
    let scope = Scope {
        outline,
        step: Some(step),
    };
    let (data, orders, made) = match data_reference(&name, outline, context)? {
        Found::Own(data, writers) => {
            let orders = !previous && writers.iter().any(|writer| makes_edges(writer.kind));
            (
                data,
                orders,
                writers
                    .first()
                    .map(|writer| scope.each_ids(writer))
                    .unwrap_or_default(),
            )
        }
        Found::Foreign(data) => (data, false, Vec::new()),
    };
    let own = scope.each_ids(step);
    let around = step
        .each
        .iter()
        .rev()
        .filter_map(|index| outline.each.get(*index));
    let part_of = around.into_iter().find(|each| {
        each.node
            .text("from")
            .is_some_and(|from| from.value == name.value)
    });
    let choose = node
        .text("highest")
        .map(|o| (true, o))
        .or_else(|| node.text("lowest").map(|o| (false, o)));
    let gathers = gathers(&made, &own);
    if let Some((_, output)) = choose.as_ref().filter(|_| !gathers) {
        let message = format!("`{}` is not written by a fan-out", name.value);
        context.out.push(Diagnostic::new(
            Code::EachChoose,
            output.span,
            "nothing to choose from",
            message,
        ));
    }
    Some(Read {
        data,
        mount: node.text("mount"),
        last: node.duration("last").map(|last| last.value),
        previous,
        choose,
        part_of: part_of.map(|each| each.id),
        gathers,
        orders,
        span: name.span,
    })
}

enum Found<'o, 'd> {
    /// Of this pipeline, with its writers.
    Own(DataId, Vec<&'o StepOutline<'d>>),
    /// Of another pipeline.
    Foreign(DataId),
}

fn data_reference<'o, 'd>(
    name: &Spanned<String>,
    outline: &'o Outline<'d>,
    context: &mut Context<'_, '_>,
) -> Option<Found<'o, 'd>> {
    if let Some(data) = outline.data.get(&name.value) {
        let writers = data
            .writers
            .iter()
            .filter_map(|(index, _)| outline.steps.get(*index))
            .collect();
        return Some(Found::Own(data.id?, writers));
    }
    if let Some((pipeline, data)) = name.value.split_once('.') {
        let other = context.outlines.iter().find(|other| other.name.value == pipeline);
        if let Some(id) = other.and_then(|other| other.data.get(data)?.id) {
            return Some(Found::Foreign(id));
        }
    }
    let entity = outline.names.get(&name.value).map(|(entity, _)| *entity);
    let foreign = name.value.contains('.') && context.lost.may_declare(&name.value);
    if entity.is_none() && (foreign || outline.lost.may_explain(&name.value)) {
        return None;
    }
    let found = match entity {
        Some(entity) => {
            let message = format!("`{}` is {}, not a data set", name.value, entity.noun());
            let written = match entity {
                Entity::Step(index) => outline
                    .steps
                    .get(index)
                    .and_then(|step| step.child("writes")?.argument_text(0)),
                Entity::Data | Entity::Parameter | Entity::Each | Entity::Endpoint => None,
            };
            let help = written.map(|data| format!("it writes `{}`: read that", data.value));
            Diagnostic::new(Code::NameKind, name.span, "not a data set", message).maybe_help(help)
        }
        None => {
            let near = suggest::nearest(&name.value, outline.data.keys().map(String::as_str));
            let help = near.map(|near| {
                let writer = outline.data.get(near).and_then(|data| data.writers.first());
                let writer = writer.and_then(|(index, _)| outline.steps.get(*index));
                let by = writer.map(|step| {
                    format!(
                        ", which `{}` writes (line {})",
                        step.name.value,
                        context.sources.position(step.name.span).line
                    )
                });
                format!("did you mean `{near}`{}?", by.unwrap_or_default())
            });
            let message = format!("there is no data set `{}`", name.value);
            Diagnostic::new(
                Code::NameUnknown,
                name.span,
                "no step writes it and no `data` declares it",
                message,
            )
            .maybe_help(help)
        }
    };
    context.out.push(found);
    None
}

fn write(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Write> {
    let name = node.argument_text(0)?;
    Some(Write {
        data: outline.data.get(&name.value)?.id?,
        mount: node.text("mount"),
        at: node.text("at").and_then(|at| site::site(&at, context)),
        size: node.bytes("size"),
        rows: node.integer("rows").map(|rows| rows.value),
        columns: node.integer("columns").map(|columns| columns.value),
        span: name.span,
    })
}

fn emit(node: &Node) -> Option<Emit> {
    Some(Emit {
        name: node.argument_text(0)?,
        ty: super::emit_type(node),
        items: node.integer("items").map(|items| items.value),
        fields: fields(node),
    })
}

/// Fields of a list's records.
pub(super) fn fields(node: &Node) -> Vec<(String, ValueType)> {
    let field = |field: &Node| {
        Some((
            field.argument_text(0)?.value,
            super::value_type(&field.word("type")),
        ))
    };
    node.all("field").filter_map(field).collect()
}

/// Names of steps.
pub(super) fn steps(
    node: Option<&Node>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Vec<Spanned<StepId>> {
    let Some(node) = node else { return Vec::new() };
    let names = (0..node.arguments.len()).filter_map(|index| node.argument_text(index));
    names
        .filter_map(|name| step_reference(&name, outline, context))
        .collect()
}

/// The step called `name`; reports what is none.
pub(super) fn step_reference(
    name: &Spanned<String>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Spanned<StepId>> {
    if let Some(step) = outline.step(&name.value) {
        return Some(Spanned::new(step.id, name.span));
    }
    let entity = outline.names.get(&name.value);
    if entity.is_none() && outline.lost.may_explain(&name.value) {
        return None;
    }
    let found = match entity {
        Some((entity, _)) => {
            let message = format!("`{}` is {}, not a step", name.value, entity.noun());
            Diagnostic::new(Code::NameKind, name.span, "not a step", message)
        }
        None => {
            let help = suggest::did_you_mean(&name.value, outline.step_names());
            let message = format!("there is no step `{}`", name.value);
            Diagnostic::new(Code::NameUnknown, name.span, "no step has this name", message).maybe_help(help)
        }
    };
    context.out.push(found);
    None
}

fn approval(node: &Node) -> Option<Approval> {
    Some(Approval {
        question: node.argument_text(0)?.value,
        from: node.text("from").map(|team| team.value),
        timeout: node.duration("timeout")?.value,
    })
}

/// What is written, then the built-in attempts for causes that are not.
fn retries(step: &StepOutline<'_>, out: &mut Diagnostics) -> Vec<Retry> {
    let nodes: Vec<&Node> = step.all("retry").collect();
    for (index, node) in nodes.iter().enumerate() {
        check_retry(node, nodes.get(..index).unwrap_or_default(), out);
    }
    let mut retries: Vec<Retry> = step.all("retry").filter_map(retry).collect();
    let built_in = [
        (Cause::Oom, 1, Some(2.0)),
        (Cause::Preemption, 5, None),
        (Cause::Lost, 5, None),
    ];
    for (cause, limit, memory) in built_in {
        if !retries.iter().any(|retry| retry.cause == cause) {
            retries.push(Retry {
                limit,
                cause,
                code: None,
                backoff: Seconds(10.0),
                factor: 2.0,
                memory,
            });
        }
    }
    retries.sort_by_key(|retry| (retry.cause, retry.code));
    retries
}

/// `code=` belongs to `on=exit`, and each cause has one line.
fn check_retry(node: &Node, before: &[&Node], out: &mut Diagnostics) {
    let code = node.property("code");
    if node.word("on") == "exit" && code.is_none() && !node.damaged {
        let message = "`on=exit` needs the exit code it is about";
        let span = node.property("on").map_or(node.span, |on| on.span);
        let found = Diagnostic::new(Code::SyntaxMissing, span, "`code=` is missing", message);
        out.push(found.help("add `code=` with the number, such as `on=exit code=137`"));
    }
    if let Some(code) = code.filter(|_| node.word("on") != "exit" && !node.damaged) {
        let message = "`code=` is only for `on=exit`";
        let found = Diagnostic::new(Code::SyntaxProperty, code.span, "no exit is meant here", message);
        out.push(found.help("write `on=exit` beside it, or remove it"));
    }
    let key = |node: &Node| (node.word("on"), node.integer("code").map(|code| code.value));
    if let Some(first) = before.iter().find(|other| key(other) == key(node)) {
        let message = format!("`retry` on {} is given twice", node.word("on"));
        let found = Diagnostic::new(Code::SyntaxRepeated, node.span, "again here", message);
        out.push(found.and(first.span, "first here").help("remove one of them"));
    }
}

fn retry(node: &Node) -> Option<Retry> {
    let Value::Integer(limit) = node.arguments.first()?.value else {
        return None;
    };
    let cause = match node.word("on").as_str() {
        "oom" => Cause::Oom,
        "preemption" => Cause::Preemption,
        "lost" => Cause::Lost,
        "timeout" => Cause::Timeout,
        "exit" => Cause::Exit,
        _ => Cause::Error,
    };
    let factor = |name: &str| match node.quantity(name)?.value {
        Quantity::Factor(factor) => Some(factor),
        _ => None,
    };
    Some(Retry {
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        cause,
        code: node
            .integer("code")
            .and_then(|code| i64::try_from(code.value).ok()),
        backoff: node.duration("backoff").map_or(Seconds(10.0), |time| time.value),
        factor: factor("factor").unwrap_or(2.0),
        memory: factor("memory"),
    })
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

/// A patch of the user's own.
pub(super) fn overlay(node: &Node) -> Option<Overlay> {
    Some(Overlay {
        path: node.argument_text(0)?,
        of: node.text("of").map(|site| site.value),
    })
}

/// Values that stand for themselves, e.g. defaults of parameters.
pub(super) fn scalars(node: &Node, from: usize, context: &Context<'_, '_>) -> Vec<Scalar> {
    node.arguments
        .iter()
        .skip(from)
        .map(|value| scalar(&value.value, context.sources, value.span))
        .collect()
}
