//! The language as it was designed, where a checkout has it beside it, against the grammar table: every node, place,
//! argument, property, type and default. What differs on purpose is listed here and told in `docs/language.md`.

mod told;

use std::collections::BTreeSet;

use portolan::syntax::grammar::{GRAMMAR, Rule, Slot, Type};

use crate::{blessed, shared};
use told::{Property, Told};

/// Differences that are meant: of which node, and what is different. `docs/language.md` gives the reason of each.
const MEANT: [(&str, &str); 4] = [
    ("platform", "repeats"),
    ("bucket", "takes"),
    ("registry", "takes"),
    ("monitoring", "runbooks"),
];

#[test]
fn the_grammar_table_is_the_language_as_designed() {
    let Some(path) = shared::folder("LANGUAGE.md") else {
        return;
    };
    let text = std::fs::read_to_string(path).expect("a text");
    let rows = told::nodes(&text);
    assert!(rows.len() > 90, "only {} rows were read", rows.len());
    let mut different = Vec::new();
    for told in &rows {
        compare(told, &rows, &mut different);
    }
    let known: BTreeSet<&str> = rows.iter().map(|told| told.name.as_str()).collect();
    for rule in GRAMMAR
        .rules
        .iter()
        .filter(|rule| !known.contains(rule.name.as_str()))
    {
        different.push((rule.name.clone(), "is only in the table".to_owned()));
    }
    let promises = told::promises(&text);
    assert_eq!(promises.len(), GRAMMAR.promises.len());
    for told in promises {
        let rule = GRAMMAR.promise(&told.name).expect("a kind of promise");
        properties(&told, rule, &told.properties, &mut different);
    }
    let meant =
        |(node, what): &(String, String)| MEANT.iter().any(|(name, how)| name == node && what.contains(how));
    different.retain(|difference| !meant(difference));
    let shown: Vec<String> = different
        .iter()
        .map(|(node, what)| format!("`{node}` {what}"))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn differences_from_the_design_are_told() {
    let page = std::fs::read_to_string(blessed::root().join("docs/language.md")).expect("the page");
    let changes = page.split("## 12").nth(1).expect("a table of changes");
    for (node, _) in MEANT {
        assert!(
            changes.contains(&format!("`{node}")),
            "the change of `{node}` has no reason"
        );
    }
}

type Different = Vec<(String, String)>;

/// Compares a row with the rules of that name in its places.
fn compare(told: &Told, all: &[Told], different: &mut Different) {
    let mut found = BTreeSet::new();
    for parent in &told.parents {
        let Some(rule) = GRAMMAR.rule(parent, &told.name) else {
            different.push((told.name.clone(), format!("does not stand in `{parent}`")));
            continue;
        };
        found.extend(rule.parents.iter().map(String::as_str));
        if rule.many != told.many {
            different.push((told.name.clone(), format!("repeats: {}", rule.many)));
        }
        arguments(told, rule, different);
        properties(told, rule, &told.with_like(all), different);
    }
    let extra: Vec<&&str> = found.iter().filter(|parent| !told.stands_in(parent)).collect();
    if !extra.is_empty() && told.name != "use" {
        different.push((told.name.clone(), format!("stands also in {extra:?}")));
    }
}

fn arguments(told: &Told, rule: &Rule, different: &mut Different) {
    let shape = |required: bool, many: bool| (required, many);
    let own: Vec<_> = rule
        .arguments
        .iter()
        .map(|slot| shape(slot.required, slot.many))
        .collect();
    let said: Vec<_> = told
        .arguments
        .iter()
        .map(|argument| shape(argument.required, argument.many))
        .collect();
    if own != said {
        different.push((
            told.name.clone(),
            format!("takes {own:?}, not {said:?} (required, many)"),
        ));
    }
    for slot in &rule.arguments {
        // Kinds of promises have a table of their own.
        let told_here = |word: &&String| told.text.contains(word.as_str()) || GRAMMAR.promise(word).is_some();
        for word in slot.one_of.iter().filter(|word| !told_here(word)) {
            different.push((told.name.clone(), format!("may be `{word}`")));
        }
    }
}

fn properties(told: &Told, rule: &Rule, said: &[Property], different: &mut Different) {
    let mut tell = |what: String| different.push((told.name.clone(), what));
    for property in said {
        let Some(slot) = rule.property(&property.name) else {
            tell(format!("has no `{}=`", property.name));
            continue;
        };
        if slot.required != property.required {
            tell(format!("requires `{}=`: {}", slot.name, slot.required));
        }
        let default = slot.default.as_ref().or(slot.derived.as_ref());
        if property.default.is_some() && default != property.default.as_ref() {
            tell(format!(
                "`{}=` is {:?}, not {:?}",
                slot.name, slot.default, property.default
            ));
        }
        if property.default.is_none() && slot.default.is_some() && !property.above {
            tell(format!("`{}=` has the default {:?}", slot.name, slot.default));
        }
        if !is_type(&property.ty, slot) {
            tell(format!(
                "`{}=` is a {}, not {}",
                slot.name,
                slot.ty.word(),
                property.ty
            ));
        }
    }
    for slot in &rule.properties {
        if !said.iter().any(|property| property.name == slot.name) {
            tell(format!("has `{}=`", slot.name));
        }
    }
}

/// True if `slot` takes what the design calls `word`.
fn is_type(word: &str, slot: &Slot) -> bool {
    let types: &[Type] = match word {
        "" => return true,
        "NAME" => &[Type::Name, Type::PipelineReference, Type::Text],
        "N" => &[Type::Integer, Type::Number],
        "N|PERCENT" => &[Type::CountOrPercent],
        "DURATION" => &[Type::Duration],
        "BYTES" => &[Type::Bytes],
        "PERCENT" => &[Type::Percent],
        "PERCENT/TIME" => &[Type::Growth],
        "RATE" => &[Type::Rate],
        "FACTOR" => &[Type::Factor],
        "MONEY" => &[Type::Money, Type::MoneyRate],
        "MONEY/GB" => &[Type::TransferPrice],
        "DATE" => &[Type::Date],
        "TIME" => &[Type::Time],
        "ZONE" => &[Type::Timezone],
        "BOOLEAN" => &[Type::Boolean],
        "TEXT" | "HEADER" | "ARN" => &[Type::Text],
        "ID" => &[Type::Text, Type::Image],
        "WORD" => &[Type::Word],
        "PATH" => &[Type::Path, Type::Mount],
        "DIR" | "FILE" => &[Type::Path],
        "URL" => &[Type::Url],
        "IMAGE" => &[Type::Image],
        "SITE" => &[Type::Site],
        "PLACE" => &[Type::Place],
        "PLACE|SITE" => &[Type::SiteOrPlace],
        "STEP" => &[Type::StepReference],
        "OUTPUT" => &[Type::Output],
        "LIST" => &[Type::ListReference],
        "CONDITION" => &[Type::Condition],
        "PROMQL" => &[Type::Promql],
        "TEAM" => &[Type::Team],
        "NAME.KEY" => &[Type::SecretReference],
        "STORE" => &[Type::Store],
        "KIND" => return slot.ty == Type::Kind || !slot.one_of.is_empty(),
        "TYPE" => &[Type::ValueType],
        "MODEL" => &[Type::Gpu],
        "PREFIX" => &[Type::Machine],
        "CAUSE" => return slot.one_of.len() == 6,
        words => return words.split('|').eq(slot.one_of.iter()),
    };
    types.contains(&slot.ty)
}
