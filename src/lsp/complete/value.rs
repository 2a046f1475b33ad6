//! Values that fit a place: words of the table, names of the project, and what the catalogue knows.

use lsp_types::CompletionItemKind;

use super::Offer;
use crate::catalog::{Place, Provider};
use crate::lsp::cursor::Cursor;
use crate::lsp::names::{Names, Symbol};
use crate::lsp::project::{CATALOG, Project};
use crate::syntax::grammar::Type;

/// Words that stand between the values of a condition.
const OPERATORS: [&str; 14] = [
    "and", "or", "not", "in", "any", "all", "min", "max", "mean", "sum", "count", "previous", "true", "false",
];

/// True if the value at hand is in quotes.
pub(super) fn quoted(text: &str, cursor: &Cursor<'_>) -> bool {
    text.get(cursor.start..cursor.end)
        .is_some_and(|typed| typed.contains('"'))
}

/// What fits, and the bytes that it takes the place of.
pub(super) fn offers(
    project: &Project,
    path: &str,
    text: &str,
    cursor: &Cursor<'_>,
    at: usize,
) -> (Vec<Offer>, usize, usize) {
    let whole = |offers| (offers, cursor.start, cursor.end);
    let Some(slot) = cursor.slot() else {
        return whole(Vec::new());
    };
    let typed = text.get(cursor.start..at).unwrap_or_default();
    let names = Scope {
        names: project.checked.names(),
        pipeline: pipeline(project, path, cursor),
    };
    let (start, end) = cursor.reference(text, at);
    if typed.starts_with("(f)") {
        // Outside braces it is text.
        let open = typed.rfind('{') > typed.rfind('}');
        return (if open { names.values(cursor) } else { Vec::new() }, start, end);
    }
    if slot.ty == Type::Condition {
        let mut all = names.values(cursor);
        all.extend(OPERATORS.map(|word| Offer::plain(word, CompletionItemKind::OPERATOR, "")));
        return match typed.starts_with('"') {
            true => (all, start, end),
            false => whole(Vec::new()),
        };
    }
    if !slot.one_of.is_empty() {
        let words = slot.one_of.iter();
        return whole(
            words
                .map(|word| Offer::plain(word, CompletionItemKind::ENUM_MEMBER, ""))
                .collect(),
        );
    }
    let offers = match slot.ty {
        Type::Timezone
        | Type::Boolean
        | Type::Gpu
        | Type::Machine
        | Type::Site
        | Type::Place
        | Type::SiteOrPlace => {
            let mut known = catalogue(slot.ty);
            if matches!(slot.ty, Type::Site | Type::SiteOrPlace) {
                known.extend(names.clusters());
            }
            known
        }
        Type::Word if cursor.head.name() == "region" => regions(cursor),
        ty => names.of_type(ty, cursor),
    };
    whole(in_quotes(offers, typed))
}

/// In quotes, where they are typed or a bare word cannot be it.
fn in_quotes(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let quote = |mut offer: Offer| {
        if typed.starts_with('"') || offer.insert.contains('/') {
            offer.insert = format!("\"{}\"", offer.insert);
        }
        offer
    };
    offers.into_iter().map(quote).collect()
}

/// The pipeline whose names may be used here.
fn pipeline(project: &Project, path: &str, cursor: &Cursor<'_>) -> Option<String> {
    let top = cursor.around.first()?;
    let named = match top.name() {
        "pipeline" => top.title(),
        "test" => top.property("pipeline"),
        _ => None,
    };
    named.map(str::to_owned).or_else(|| {
        let (id, _) = project.checked.source(path)?;
        let mut all = project.checked.names().declared.iter();
        let own = all.find(|one| one.node == "pipeline" && one.span.source == id)?;
        Some(own.symbol.name().to_owned())
    })
}

/// Names that may be used at a place.
struct Scope<'n> {
    names: &'n Names,
    pipeline: Option<String>,
}

impl Scope<'_> {
    fn declared(&self, nodes: &[&str], kind: CompletionItemKind) -> Vec<Offer> {
        let Some(pipeline) = &self.pipeline else {
            return Vec::new();
        };
        let mut offers: Vec<Offer> = self
            .names
            .declared_in(pipeline, nodes)
            .map(|one| Offer::plain(one.symbol.name(), kind, &format!("{} {}", one.node, one.detail)))
            .collect();
        offers.dedup_by(|a, b| a.label == b.label);
        offers
    }

    /// Outputs as they are referred to: `train.auc`, and of data that several steps write, `risk-model.auc`.
    fn outputs(&self) -> Vec<Offer> {
        let Some(pipeline) = &self.pipeline else {
            return Vec::new();
        };
        let emits: Vec<_> = self.names.declared_in(pipeline, &["emits"]).collect();
        let writes: Vec<_> = self.names.declared_in(pipeline, &["writes"]).collect();
        let mut offers: Vec<Offer> = Vec::new();
        for emit in emits {
            let step = emit.step.as_deref().unwrap_or_default();
            let data = writes.iter().filter(|write| write.step.as_deref() == Some(step));
            let owners = std::iter::once(step).chain(data.map(|write| write.symbol.name()));
            offers.extend(owners.map(|owner| {
                let label = format!("{owner}.{}", emit.symbol.name());
                Offer::plain(&label, CompletionItemKind::FIELD, &emit.detail)
            }));
        }
        offers.sort_by(|a, b| a.label.cmp(&b.label));
        offers.dedup_by(|a, b| a.label == b.label);
        offers
    }

    /// What has a value in a run: outputs, parameters, variables around, addresses of data.
    fn values(&self, cursor: &Cursor<'_>) -> Vec<Offer> {
        let mut offers = self.outputs();
        offers.extend(self.declared(&["parameter"], CompletionItemKind::VARIABLE));
        let each = cursor.around.iter().filter(|head| head.name() == "each");
        offers.extend(each.filter_map(|head| head.title()).map(variable));
        offers.extend(self.declared(&["each"], CompletionItemKind::VARIABLE));
        for data in self.declared(&["data", "writes"], CompletionItemKind::STRUCT) {
            let part = |part: &str| {
                let label = format!("{}.{part}", data.label);
                Offer::plain(&label, CompletionItemKind::STRUCT, "of the data set")
            };
            offers.extend(["uri", "path"].map(part));
        }
        let run = ["run.id", "run.date", "run.time", "run.status"];
        offers.extend(run.map(|name| Offer::plain(name, CompletionItemKind::CONSTANT, "of the run")));
        if let Some(template) = cursor.around.first().filter(|head| head.name() == "template") {
            let holes = self.names.declared.iter().filter(
                |one| matches!(&one.symbol, Symbol::Hole(own, _) if Some(own.as_str()) == template.title()),
            );
            offers.extend(holes.map(|one| variable(one.symbol.name())));
        }
        offers
    }

    fn clusters(&self) -> Vec<Offer> {
        self.everywhere("cluster")
    }

    /// What all pipelines share: clusters, templates, teams, other pipelines.
    fn everywhere(&self, node: &str) -> Vec<Offer> {
        let all = self.names.declared.iter().filter(|one| one.node == node);
        all.map(|one| Offer::plain(one.symbol.name(), CompletionItemKind::REFERENCE, node))
            .collect()
    }

    fn of_type(&self, ty: Type, cursor: &Cursor<'_>) -> Vec<Offer> {
        match ty {
            Type::StepReference => self.declared(&["step"], CompletionItemKind::FUNCTION),
            Type::DataReference => {
                let mut offers = self.declared(&["data", "writes"], CompletionItemKind::STRUCT);
                offers.extend(self.foreign());
                offers
            }
            Type::Name if cursor.head.name() == "writes" => {
                self.declared(&["data"], CompletionItemKind::STRUCT)
            }
            Type::Output => self.declared(&["emits"], CompletionItemKind::FIELD),
            Type::ListReference => {
                let mut offers = self.outputs();
                offers.extend(self.declared(&["parameter"], CompletionItemKind::VARIABLE));
                offers.extend(self.declared(&["data", "writes"], CompletionItemKind::STRUCT));
                offers
            }
            Type::Reference | Type::Subject => {
                let mut offers = self.outputs();
                offers.extend(self.declared(&["parameter"], CompletionItemKind::VARIABLE));
                offers
            }
            Type::PipelineReference => self.everywhere("pipeline"),
            Type::TemplateReference => self.everywhere("template"),
            Type::Team => self.everywhere("receiver"),
            _ => Vec::new(),
        }
    }

    /// Data of other pipelines: `orders.clean`.
    fn foreign(&self) -> Vec<Offer> {
        let all = self
            .names
            .declared
            .iter()
            .filter(|one| matches!(one.node, "data" | "writes"));
        let foreign = all.filter_map(|one| match &one.symbol {
            Symbol::Item(pipeline, name) if Some(pipeline) != self.pipeline.as_ref() => {
                Some(format!("{pipeline}.{name}"))
            }
            _ => None,
        });
        foreign
            .map(|label| Offer::plain(&label, CompletionItemKind::STRUCT, "of another pipeline"))
            .collect()
    }
}

fn variable(name: &str) -> Offer {
    Offer::plain(name, CompletionItemKind::VARIABLE, "")
}

/// The regions of the cloud around.
fn regions(cursor: &Cursor<'_>) -> Vec<Offer> {
    let cloud = cursor.around.last().and_then(|cloud| cloud.title());
    let Some(provider) = cloud.and_then(Provider::parse) else {
        return Vec::new();
    };
    let regions = CATALOG.regions(provider);
    regions
        .map(|region| Offer::plain(&region.name, CompletionItemKind::CONSTANT, &region.city))
        .collect()
}

/// What is known without any project.
fn catalogue(ty: Type) -> Vec<Offer> {
    let constant = |label: &str, detail: &str| Offer::plain(label, CompletionItemKind::CONSTANT, detail);
    let sites = || {
        let all = Provider::ALL
            .into_iter()
            .flat_map(|provider| CATALOG.regions(provider));
        all.map(|region| constant(&format!("{}.{}", region.provider, region.name), &region.city))
    };
    let places = || Place::all().map(|place| constant(place.code(), place.name()));
    match ty {
        Type::Boolean => ["#true", "#false"]
            .into_iter()
            .map(|word| constant(word, ""))
            .collect(),
        Type::Timezone => {
            let zones = jiff::tz::db().available();
            zones.map(|zone| constant(zone.as_str(), "time zone")).collect()
        }
        Type::Gpu => CATALOG
            .accelerators()
            .into_iter()
            .map(|model| constant(model, "accelerator"))
            .collect(),
        Type::Machine => {
            let all = Provider::ALL
                .into_iter()
                .flat_map(|provider| CATALOG.machines(provider));
            let detail =
                |machine: &crate::catalog::Machine| format!("{} cores, {}", machine.cores, machine.memory);
            all.map(|machine| constant(&machine.name, &detail(machine)))
                .collect()
        }
        Type::Site => sites().collect(),
        Type::Place => places().collect(),
        Type::SiteOrPlace => sites().chain(places()).collect(),
        _ => Vec::new(),
    }
}
