//! Texts that could be mistaken for code, in every place of the language that takes a text.
//!
//! Either the place refuses the text with a code, or everything compiles and the text is data in what is made: every
//! file still parses, to the same structure as with a harmless text, and the text is found in it unchanged.
//! `hostile/expectation.rs` has the exceptions.

mod attack;
mod expectation;
mod reading;
mod strings;
mod target;

use std::collections::BTreeSet;

use kdl::KdlDocument;
use portolan::syntax::grammar::{GRAMMAR, Type};

use crate::blessed;
use attack::Program;
use target::targets;

fn attack_with_all(name: &str) {
    let wrong = Program::open(name).attack(&strings::all());
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts_of_steps_and_monitors_stay_texts() {
    attack_with_all("batch");
}

#[test]
fn texts_of_clouds_and_services_stay_texts() {
    attack_with_all("cloud");
}

#[test]
fn every_place_that_takes_a_text_is_tried() {
    let mut tried = BTreeSet::new();
    for name in ["batch", "cloud"] {
        let text =
            std::fs::read_to_string(blessed::root().join(format!("tests/hostile/{name}.kdl"))).unwrap();
        let document = KdlDocument::parse_v2(&text).unwrap();
        tried.extend(targets(&document).into_iter().flat_map(|target| target.places));
    }
    let mut missing = BTreeSet::new();
    for rule in &GRAMMAR.rules {
        let slots = rule
            .arguments
            .iter()
            .map(|slot| (format!("argument {}", slot.name), slot));
        let properties = rule.properties.iter().map(|slot| (slot.name.clone(), slot));
        for (what, slot) in slots
            .chain(properties)
            .filter(|(_, slot)| is_text(slot.ty) && slot.one_of.is_empty())
            .filter(|(what, _)| !NUMBERS.contains(&(rule.name.as_str(), what.as_str())))
        {
            let place = |parent: &String| format!("{parent}/{} {what}", rule.name);
            if !rule.parents.iter().any(|parent| tried.contains(&place(parent))) {
                missing.insert((rule.name.clone(), what, slot.ty.word()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Where the table has any scalar and every text is refused, whatever it says.
const NUMBERS: [(&str, &str); 2] = [("sample", "min"), ("sample", "max")];

/// Types that are read as what they are, so that not all texts are refused at once.
fn is_text(ty: Type) -> bool {
    matches!(
        ty,
        Type::Text
            | Type::Name
            | Type::Word
            | Type::Scalar
            | Type::Uri
            | Type::Url
            | Type::Path
            | Type::Image
            | Type::EnvName
            | Type::Secret
            | Type::SecretReference
            | Type::Team
            | Type::Promql
            | Type::Condition
            | Type::Timezone
            | Type::Cron
    )
}
