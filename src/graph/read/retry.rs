//! Approvals, and attempts after the first.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::*;
use crate::graph::outline::StepOutline;
use crate::quantity::{Quantity, Seconds};
use crate::syntax::{Node, Value};

pub(super) fn approval(node: &Node) -> Option<Approval> {
    Some(Approval {
        question: node.argument_text(0)?.value,
        from: node.text("from").map(|team| team.value),
        timeout: node.duration("timeout")?.value,
    })
}

/// What is written, then the built-in attempts for causes that are not.
pub(super) fn retries(step: &StepOutline<'_>, out: &mut Diagnostics) -> Vec<Retry> {
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
    let factor = |name: &str| match node.quantity(name)?.value {
        Quantity::Factor(factor) => Some(factor),
        _ => None,
    };
    Some(Retry {
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        cause: cause(&node.word("on")),
        code: node
            .integer("code")
            .and_then(|code| i64::try_from(code.value).ok()),
        backoff: node.duration("backoff").map_or(Seconds(10.0), |time| time.value),
        factor: factor("factor").unwrap_or(2.0),
        memory: factor("memory"),
    })
}

/// The cause called `word`; a program that fails, unless it says another.
pub(super) fn cause(word: &str) -> Cause {
    match word {
        "oom" => Cause::Oom,
        "preemption" => Cause::Preemption,
        "lost" => Cause::Lost,
        "timeout" => Cause::Timeout,
        "exit" => Cause::Exit,
        _ => Cause::Error,
    }
}
