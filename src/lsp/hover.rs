//! What is to be said about the word under the mouse.

use std::fmt::Write as _;

use super::cursor::{Cursor, Part};
use super::names::{Declared, Symbol};
use super::navigate::named;
use super::outlook::StepOutlook;
use super::project::{CATALOG, Project};
use crate::catalog::{Catalog, Provider};
use crate::syntax::grammar::{GRAMMAR, Rule, Slot, Type};

/// Markdown about what stands at byte `at`, and the bytes it is about.
pub fn hover(project: &Project, path: &str, text: &str, at: usize) -> Option<(String, usize, usize)> {
    let cursor = Cursor::at(text, at);
    if cursor.part == Part::Comment || cursor.start == cursor.end {
        return None;
    }
    let told = match cursor.part {
        Part::Name => Some(node(cursor.rules().first()?)),
        Part::Property(name) => Some(property(
            cursor.rules().iter().find_map(|rule| rule.property(name))?,
        )),
        Part::Argument(_) | Part::Value(_) => value(project, path, text, &cursor, at),
        Part::Comment => None,
    };
    told.map(|told| (told, cursor.start, cursor.end))
}

impl Cursor<'_> {
    /// Rules of the node at hand: its own, and that of the kind of a promise.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let name = self.head.name();
        let own = GRAMMAR.rule(self.parent(), name);
        // In a template stands what may stand where it is used.
        let anywhere = || GRAMMAR.rules.iter().find(|rule| rule.name == name);
        let kind = self.head.title().filter(|_| matches!(name, "promise" | "prefer"));
        let promised = kind.and_then(|kind| GRAMMAR.promise(kind));
        own.or_else(anywhere).into_iter().chain(promised).collect()
    }

    /// What the place at hand takes.
    pub fn slot(&self) -> Option<&'static Slot> {
        let rules = self.rules();
        match self.part {
            Part::Argument(at) => {
                let arguments: Vec<&'static Slot> = rules.iter().flat_map(|rule| &rule.arguments).collect();
                arguments
                    .get(at)
                    .or_else(|| arguments.last().filter(|slot| slot.many))
                    .copied()
            }
            Part::Value(name) => rules
                .iter()
                .find_map(|rule| rule.property(name).or(rule.open.as_ref())),
            Part::Name | Part::Property(_) | Part::Comment => None,
        }
    }
}

/// A node: what it means, what it takes, and a line that shows it.
pub fn node(rule: &Rule) -> String {
    let mut told = format!("**{}** {}\n\n", rule.name, rule.doc);
    for slot in rule.arguments.iter().chain(&rule.properties) {
        let _ = writeln!(
            told,
            "- {}",
            line(slot, !rule.arguments.iter().any(|own| own.name == slot.name))
        );
    }
    if !rule.example.is_empty() {
        let _ = write!(told, "\n```kdl\n{}\n```\n", rule.example);
    }
    told
}

/// A property: what it takes, and what it is if it is not there.
pub fn property(slot: &Slot) -> String {
    line(slot, true)
}

fn line(slot: &Slot, property: bool) -> String {
    let name = if property {
        format!("`{}=`", slot.name)
    } else {
        slot.name.to_uppercase()
    };
    let words: Vec<String> = slot.one_of.iter().map(|word| format!("`{word}`")).collect();
    let takes = if words.is_empty() {
        slot.ty.phrase().to_owned()
    } else {
        words.join(" ")
    };
    let default = slot
        .default
        .as_ref()
        .map(|default| format!("; default `{default}`"));
    let derived = slot
        .derived
        .as_ref()
        .map(|derived| format!("; if absent: {derived}"));
    let required = if slot.required && property {
        "; required"
    } else {
        ""
    };
    let only = slot.of.as_ref().map(|of| format!("; beside `{of}`"));
    let more = [default, derived, only].into_iter().flatten().collect::<String>();
    format!("{name} {takes}{more}{required}")
}

fn value(project: &Project, path: &str, text: &str, cursor: &Cursor<'_>, at: usize) -> Option<String> {
    if let Some(occurrence) = named(&project.checked, path, at) {
        return symbol(project, &occurrence.symbol);
    }
    let slot = cursor.slot()?;
    let typed = text.get(cursor.start..cursor.end)?.trim_matches('"');
    Some(fact(&CATALOG, slot.ty, typed).unwrap_or_else(|| line(slot, matches!(cursor.part, Part::Value(_)))))
}

/// What is named: how it is declared, and of a step what is expected of it.
fn symbol(project: &Project, symbol: &Symbol) -> Option<String> {
    let names = project.checked.names();
    let declared = names.declared.iter().filter(|one| one.symbol == *symbol);
    let lines: Vec<String> = declared.map(|one| declaration(project, one)).collect();
    let mut told = lines.join("\n");
    if let Symbol::Item(pipeline, name) = symbol
        && let Some(outlook) = project.outlook.steps.get(&(pipeline.clone(), name.clone()))
    {
        told.push_str(&expected(outlook));
    }
    (!told.is_empty()).then_some(told)
}

fn declaration(project: &Project, one: &Declared) -> String {
    let sources = &project.checked.sources;
    let whole = sources.text(one.whole);
    let head = whole.split(['{', '\n']).next().unwrap_or_default().trim();
    let by = one.step.as_ref().filter(|_| one.node != "step");
    let by = by.map(|step| format!(" in step `{step}`")).unwrap_or_default();
    format!("```kdl\n{head}\n```\n{}{by}\n", sources.cite(one.span))
}

/// Predicted needs and placement, as a table.
fn expected(outlook: &StepOutlook) -> String {
    let mut told = String::from("\n| predicted | p50 - p95 | because |\n|---|---|---|\n");
    for (name, value, because) in &outlook.needs {
        let _ = writeln!(told, "| {name} | {value} | {} |", because.replace('|', "\\|"));
    }
    if let Some(home) = &outlook.home {
        let _ = write!(
            told,
            "\n**{}** on {}, {} USD/month: {}\n",
            home.site, home.machines, home.monthly, home.because
        );
    }
    told
}

/// What the catalogue knows of a region, machine type or accelerator.
fn fact(catalog: &Catalog, ty: Type, typed: &str) -> Option<String> {
    match ty {
        Type::Site | Type::SiteOrPlace => {
            let (provider, region) = typed.split_once('.')?;
            let region = catalog.region(Provider::parse(provider)?, region)?;
            let country = region.country.name();
            Some(format!("**{typed}** {}, {country}", region.city))
        }
        Type::Machine => {
            let machine = Provider::ALL
                .into_iter()
                .find_map(|provider| catalog.machine(provider, typed))?;
            let (cores, memory) = (machine.cores, machine.memory);
            Some(format!(
                "**{typed}** {}: {cores} cores, {memory}, {}",
                machine.provider, machine.architecture
            ))
        }
        _ => None,
    }
}
