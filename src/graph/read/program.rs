//! What a step runs: image, build or stock runtime, environment, mounts.

use super::work::{rollout, scale};
use super::{Context, text};
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::outline::{Outline, StepOutline};
use crate::graph::reference::Scope;
use crate::source::{Span, Spanned};
use crate::syntax::{Node, beside};

/// True if the line that says what the step runs was left out, or its value.
pub(super) fn program_lost(step: &StepOutline<'_>, outline: &Outline<'_>) -> bool {
    let defaults = outline.node.child("defaults");
    let around = [Some(step.node), Some(outline.node), defaults];
    let own = ["image", "build", "runtime"].map(|word| step.child(word));
    around.into_iter().chain(own).flatten().any(|node| node.damaged)
}

pub(super) fn program(
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
        _ if program_lost(step, outline) => Program::Image(Spanned::new(String::new(), step.name.span)),
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

pub(super) fn serving(step: &StepOutline<'_>, context: &mut Context<'_, '_>) -> Option<Serving> {
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
    if let Some(way) = step.child("rollout").filter(|_| via == Via::Kserve)
        && !matches!(rollout(Some(way)), Rollout::Rolling)
    {
        let message = "KServe replaces what serves pod by pod";
        let found = Diagnostic::new(Code::ServeRollout, way.whole, "not with `via=kserve`", message);
        context
            .out
            .push(found.help("leave out `via=kserve`, or `rollout`"));
    }
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

pub(super) fn env(node: &Node, scope: Scope<'_, '_>, context: &mut Context<'_, '_>) -> Option<EnvVar> {
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

pub(super) fn mount(node: &Node) -> Option<(Spanned<String>, Spanned<String>)> {
    Some((node.argument_text(0)?, node.text("mount")?))
}

pub(super) fn file(node: &Node, context: &mut Context<'_, '_>) -> Option<FileMount> {
    let (path, mount) = mount(node)?;
    let target = beside(context.sources.path(path.span), &path.value);
    // A file that cannot be read is a mistake only where it is needed: when its content is lowered.
    let text = context.files.read(&target).ok();
    Some(FileMount { path, mount, text })
}

pub(super) fn volume(node: &Node) -> Option<Volume> {
    let (name, mount) = mount(node)?;
    Some(Volume {
        name,
        size: node.bytes("size")?.value,
        mount,
        memory: node.word("medium") == "memory",
    })
}
