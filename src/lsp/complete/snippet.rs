//! Text with places to fill in, in the notation of the protocol: `${1:sample}`, `$0`.

use crate::syntax::grammar::{Rule, Slot};

/// A node with all that it must have, and its block if it is one of those that live by it.
pub fn node(rule: &Rule) -> String {
    let required = |slot: &&Slot| slot.required;
    let arguments = rule.arguments.iter().filter(required).map(|slot| (None, slot));
    let properties = rule
        .properties
        .iter()
        .filter(required)
        .map(|slot| (Some(slot.name.as_str()), slot));
    let mut made = rule.name.clone();
    for (number, (name, slot)) in arguments.chain(properties).enumerate() {
        made.push(' ');
        made.extend(name.map(|name| format!("{name}=")));
        made.push_str(&hole(number + 1, slot));
    }
    if rule.example.ends_with("{ … }") {
        // Clients indent every line as the one at hand.
        made.push_str(" {\n    $0\n}");
    }
    made
}

/// `name=${1:sample}`
pub fn property(slot: &Slot) -> String {
    format!("{}={}", slot.name, hole(1, slot))
}

/// A place with the words that are allowed, or with a sample.
fn hole(number: usize, slot: &Slot) -> String {
    if slot.one_of.is_empty() {
        return format!("${{{number}:{}}}", escaped(slot.sample()));
    }
    let words: Vec<String> = slot
        .one_of
        .iter()
        .map(|word| escaped(word).replace(',', "\\,"))
        .collect();
    format!("${{{number}|{}|}}", words.join(","))
}

/// Text that means nothing to the notation.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
