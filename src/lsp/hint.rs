//! Hints behind the line of a step: what it will need, where it will run, and what that costs.

use lsp_types::{InlayHint, InlayHintLabel, InlayHintTooltip, Range};

use super::names::Symbol;
use super::outlook::StepOutlook;
use super::project::Project;
use super::publish::Places;
use super::workspace::Workspace;

/// Hints for the steps of one file that stand in `range`.
pub fn hints(workspace: &Workspace, project: &Project, path: &str, range: Range) -> Vec<InlayHint> {
    let checked = &project.checked;
    let Some((id, _)) = checked.source(path) else {
        return Vec::new();
    };
    let mut places = Places::of(&checked.sources, workspace);
    let own = checked
        .names()
        .declared
        .iter()
        .filter(|one| one.node == "step" && one.span.source == id);
    let mut hints = Vec::new();
    for step in own {
        let Symbol::Item(pipeline, name) = &step.symbol else {
            continue;
        };
        let Some(outlook) = project.outlook.steps.get(&(pipeline.clone(), name.clone())) else {
            continue;
        };
        let line = checked.sources.line(id, checked.sources.position(step.span).line);
        let end = places.range(line).end;
        if range.start <= end && end <= range.end {
            hints.push(hint(end, outlook));
        }
    }
    hints
}

fn hint(position: lsp_types::Position, outlook: &StepOutlook) -> InlayHint {
    let placed = outlook
        .home
        .as_ref()
        .map(|home| format!(" · {} · {} USD/month", home.site, home.monthly));
    let because = outlook.home.as_ref().map(|home| home.because.clone());
    InlayHint {
        position,
        label: InlayHintLabel::String(format!("{}{}", outlook.memory, placed.unwrap_or_default())),
        kind: None,
        text_edits: None,
        tooltip: because.map(InlayHintTooltip::String),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}
