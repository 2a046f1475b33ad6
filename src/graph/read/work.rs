//! Parts of a step that say how much work it is: models, checkpoints, traffic, replicas.

use super::{Context, scalar};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::{Checkpoint, Model, Rollout, Scale, Shape, Traffic};
use crate::graph::outline::Outline;
use crate::quantity::{PerSecond, Percent, Quantity, Seconds};
use crate::source::Spanned;
use crate::syntax::Node;

pub(super) fn checkpoint(node: &Node) -> Option<Checkpoint> {
    Some(Checkpoint {
        every: node.duration("every")?.value,
        size: node.bytes("size").map(|size| size.value),
    })
}

pub(super) fn model(node: &Node, context: &Context<'_, '_>) -> Option<Model> {
    let family = node.argument_text(0)?;
    let properties = node.properties.iter().map(|property| {
        let value = scalar(&property.value.value, context.sources, property.value.span);
        (
            property.name.value.clone(),
            Spanned::new(value, property.value.span),
        )
    });
    Some(Model {
        family,
        properties: properties.collect(),
    })
}

/// The load of a step, an endpoint or a stream. Its zone is that of the first schedule unless it says one.
pub(super) fn traffic(node: &Node, outline: &Outline<'_>, out: &mut Diagnostics) -> Option<Traffic> {
    let rate = |name: &str| match node.quantity(name)?.value {
        Quantity::Rate(rate) => Some(rate),
        _ => None,
    };
    let shape = match node.word("shape").as_str() {
        "flat" => Shape::Flat,
        "office-hours" => Shape::OfficeHours,
        "evening" => Shape::Evening,
        "weekend" => Shape::Weekend,
        _ => Shape::Daily,
    };
    let schedule = || {
        outline
            .node
            .child("schedule")
            .map(|schedule| schedule.word("timezone"))
    };
    let timezone = node.text("timezone").map(|zone| zone.value).or_else(schedule);
    let peak: PerSecond = rate("peak")?;
    super::crossed(node, "mean", "peak", out);
    Some(Traffic {
        peak,
        mean: rate("mean").map(|mean| mean.min(peak)),
        shape,
        timezone: timezone.unwrap_or_else(|| "UTC".to_owned()),
        input_tokens: node.integer("input-tokens").map(|n| n.value),
        output_tokens: node.integer("output-tokens").map(|n| n.value),
        growth: node.percent("growth").map_or(Percent(0.0), |growth| growth.value),
        span: node.whole,
    })
}

pub(super) fn scale(node: Option<&Node>, context: &mut Context<'_, '_>) -> Scale {
    let Some(node) = node else {
        return Scale {
            min: 1,
            max: None,
            idle: Seconds(600.0),
        };
    };
    let min = node.integer("min").map_or(1, |min| min.value);
    let max = node.integer("max");
    if let Some(max) = max.filter(|max| max.value < min) {
        let message = format!("at most {} replicas, but at least {min}", max.value);
        let found = Diagnostic::new(Code::ValueBounds, max.span, "below `min`", message);
        context.out.push(match node.integer("min") {
            Some(min) => found.and(min.span, "`min` is here"),
            None => found.help("`min` is 1 unless written"),
        });
    }
    let idle = node.duration("idle").map_or(Seconds(600.0), |idle| idle.value);
    Scale {
        min,
        max: max.map(|max| max.value),
        idle,
    }
}

pub(super) fn rollout(node: Option<&Node>) -> Rollout {
    let Some(node) = node else { return Rollout::Rolling };
    let percent = |name: &str, default: f64| node.percent(name).map_or(Percent(default), |share| share.value);
    match node.argument_text(0).map(|way| way.value).as_deref() {
        Some("canary") => Rollout::Canary {
            start: percent("start", 0.1),
            step: percent("step", 0.2),
            every: node.duration("every").map_or(Seconds(900.0), |every| every.value),
        },
        Some("blue-green") => Rollout::BlueGreen,
        _ => Rollout::Rolling,
    }
}
