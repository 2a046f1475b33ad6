//! Strings that look like code stay data, and the layout is that of `terraform fmt`.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::collections::BTreeMap;

use super::*;

fn hostile() -> Vec<String> {
    let short = [
        "\"",
        "a\nb",
        "${x}",
        "$${x}",
        "$$${x}",
        "%{if true}",
        "%%{x}",
        "\\",
        "\\n",
        "${",
        "$",
        "{{x}}",
        "`$(x)`",
        "---",
        "a: b",
        "# no",
        "*/",
        "é ü 漢字 🚢",
        "\u{202e}right",
        "\u{0}\u{7}",
        "\r\n",
        "trailing\\",
        "\u{10ffff}",
    ];
    let mut all: Vec<String> = short.iter().map(|text| (*text).to_owned()).collect();
    all.push("x".repeat(300));
    all
}

#[test]
fn strings_come_back_as_they_went_in() {
    for text in hostile() {
        let made = render("value = \"{{text}}\"\n", &BTreeMap::from([("text", &text)])).unwrap_or_default();
        let body: serde_json::Value = hcl::from_str(&made).unwrap_or_else(|error| panic!("{made}: {error}"));
        assert_eq!(body["value"], serde_json::Value::from(text.as_str()), "{made}");
    }
}

#[test]
fn keys_of_maps_come_back_as_they_went_in() {
    for text in hostile() {
        let entries = BTreeMap::from([(text.clone(), text.clone()), ("a".into(), "b".into())]);
        let data = BTreeMap::from([("tags", Expression::map(&entries))]);
        let made = render("tags = {{{tags}}}\n", &data).unwrap_or_default();
        let body: serde_json::Value = hcl::from_str(&made).unwrap_or_else(|error| panic!("{made}: {error}"));
        assert_eq!(
            body["tags"][text.as_str()],
            serde_json::Value::from(text.as_str()),
            "{made}"
        );
    }
}

#[test]
fn comments_stay_on_their_line() {
    for text in hostile() {
        assert_eq!(comment(&text).lines().count().max(1), 1, "{text:?}");
    }
}

#[test]
fn equals_signs_align_over_runs_of_whole_attributes() {
    let loose = "a {\n\n\nlong_name = 1\nb = [\"}\", \"${f({ x = \"{\" })}\"]\n# c\nd = \"=\"\npolicy = jsonencode({\nVersion = 1\n\
                 Statement = [{\nA = b == c\n}]\n})\n\n}\n";
    let tight = "a {\n  long_name = 1\n  b         = [\"}\", \"${f({ x = \"{\" })}\"]\n  # c\n  d = \"=\"\n  policy = jsonencode({\n    \
                 Version = 1\n    Statement = [{\n      A = b == c\n    }]\n  })\n}\n";
    assert_eq!(layout(loose), tight);
    assert_eq!(layout(tight), tight);
}
