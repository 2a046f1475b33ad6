//! Patches change what they name, as they say, and nothing else.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use serde_yaml::Value;

use super::patch::merge;

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn merged(target: &str, patch: &str) -> Value {
    let mut target = yaml(target);
    merge(&mut target, &yaml(patch));
    target
}

#[test]
fn fields_are_replaced_added_and_taken_away() {
    let made = merged(
        "a: {b: 1, c: [1, 2], d: x}",
        "a: {b: 2, c: [3], d: null, e: {f: null, g: 1}}",
    );
    assert_eq!(made, yaml("a: {b: 2, c: [3], e: {g: 1}}"));
}

#[test]
fn named_items_are_merged_one_by_one() {
    let made = merged(
        "containers: [{name: main, image: a, env: [{name: X, value: '1'}]}, {name: wait, image: w}]",
        "containers: [{name: main, env: [{name: Y, value: '2'}]}, {name: wait, $patch: delete}, {name: new, image: n}]",
    );
    let wanted = "containers: [{name: main, image: a, env: [{name: X, value: '1'}, {name: Y, value: '2'}]}, \
                  {name: new, image: n}]";
    assert_eq!(made, yaml(wanted));
}

#[test]
fn a_whole_can_be_replaced() {
    let made = merged("spec: {a: 1, b: 2}", "spec: {$patch: replace, c: 3}");
    assert_eq!(made, yaml("spec: {c: 3}"));
}
