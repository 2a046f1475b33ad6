//! Edits by chance: what is known of the text before must not show in what is found in the text after.

use std::collections::BTreeMap;

use lsp_server::Notification;
use portolan::catalog::Catalog;
use portolan::diag::Diagnostics;
use portolan::graph::{self, Surroundings};
use portolan::lsp::{Encoding, Lines, Server};
use portolan::source::SourceMap;
use portolan::syntax::{self, Memory};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

const ADDRESS: &str = "file:///p/pipeline.kdl";

const START: &str = r#"template stage name=(f)"" {
    parameter of
    step (f)"{of}" kind=etl {
        image "ghcr.io/acme/etl:1"
        emits rows type=integer
    }
}
pipeline churn {
    owner team
    parameter least 5
    data raw {
        at lab uri="s3://events/raw"
        size "2GiB" rows=1000
    }
    use stage of=first
    step extract kind=etl {
        image "ghcr.io/acme/extract:1.0.0" // as built
        when "first.rows > least"
        reads raw
        writes clean size="2GiB"
        emits parts type=list items=8
    }
    each part from=extract.parts {
        step fit kind=training {
            image "ghcr.io/acme/fit:1.0.0"
            args (f)"{part}"
            reads clean
            writes model size="1MiB"
        }
    }
}
test "few" pipeline=churn {
    given first.rows 1
    expect ran=first
}
"#;

/// One change: where (a share of the text), how much goes, what comes.
type Edit = (f64, usize, String);

fn edit() -> impl Strategy<Value = Edit> {
    let typed = prop::sample::select(vec![
        "",
        "",
        "x",
        " ",
        "\n",
        "{",
        "}",
        "\"",
        "/-",
        "//",
        "/*",
        "*/",
        ";",
        "\\",
        "=",
        "#",
        "step a {\n}\n",
        "reads raw\n",
        "use stage of=b\n",
        "include \"b.kdl\"\n",
        "é",
        "kind=etl",
    ]);
    (0.0..1.0, 0..30_usize, typed).prop_map(|(at, gone, typed)| (at, gone, typed.to_owned()))
}

/// The bytes that an edit is about, whole characters.
fn range(text: &str, (at, gone, _): &Edit) -> (usize, usize) {
    let floor = |at: usize| {
        (0..=at.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0)
    };
    let start = floor((at * text.len() as f64) as usize);
    (start, floor(start + gone).max(start))
}

/// Everything that is found in a text, with all labels, helps and fixes.
fn found(text: &str, memory: Option<&mut Memory>, catalog: &Catalog) -> String {
    let files = BTreeMap::from([("b.kdl".to_owned(), "platform acme {\n}\n".to_owned())]);
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
    sources.add("a.kdl", text);
    let document = match memory {
        Some(memory) => syntax::parse_again(&mut sources, &files, memory, &mut found),
        None => syntax::parse(&mut sources, &files, &mut found),
    };
    let around = Surroundings {
        sources: &sources,
        files: &files,
        catalog,
        platform: None,
    };
    graph::build(&document, around, &mut found);
    format!("{:?}\n{:#?}", document.nodes, found.sorted())
}

/// A server, and what it has published.
struct Session {
    server: Server,
    published: BTreeMap<String, Value>,
}

impl Session {
    fn open(text: &str) -> Session {
        let disk: BTreeMap<String, String> = BTreeMap::new();
        let client = serde_json::from_value(json!({ "capabilities": {} })).unwrap();
        let mut session = Session {
            server: Server::new(Box::new(disk), &client),
            published: BTreeMap::new(),
        };
        let document = json!({ "uri": ADDRESS, "languageId": "portolan", "version": 1, "text": text });
        session.tell("textDocument/didOpen", json!({ "textDocument": document }));
        session
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.server.notice(Notification::new(method.to_owned(), params));
        for file in self.server.settle() {
            let told = serde_json::to_value(&file.diagnostics).unwrap();
            self.published.insert(file.uri.as_str().to_owned(), told);
        }
        self.published.retain(|_, told| *told != json!([]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_of_a_text_does_not_show(edits in prop::collection::vec(edit(), 1..12)) {
        let catalog = Catalog::built_in();
        let mut memory = Memory::default();
        let mut text = START.to_owned();
        let mut session = Session::open(&text);
        found(&text, Some(&mut memory), &catalog);
        for edit in edits {
            let (start, end) = range(&text, &edit);
            let lines = Lines::of(&text, Encoding::Utf16);
            let change = json!({ "range": lines.range(start, end), "text": edit.2 });
            session.tell("textDocument/didChange", json!({
                "textDocument": { "uri": ADDRESS, "version": 2 },
                "contentChanges": [change],
            }));
            text.replace_range(start..end, &edit.2);
            let again = found(&text, Some(&mut memory), &catalog);
            prop_assert_eq!(found(&text, None, &catalog), again, "after {:?}:\n{}", edit, text);
            prop_assert_eq!(&Session::open(&text).published, &session.published, "after {:?}:\n{}", edit, text);
        }
    }
}
