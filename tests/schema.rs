//! Generated documents are what the tables say. `BLESS=1 cargo test` writes them anew.

mod validator;

use serde_json::Value;

use crate::blessed::{check, root};
use portolan::schema;
use validator::Validator;

#[test]
fn reference_page_is_fresh() {
    check("docs/language.md", &schema::reference::page());
}

#[test]
fn index_of_codes_is_fresh() {
    check("docs/codes.md", &schema::codes::page());
}

#[test]
fn kdl_schema_is_fresh() {
    check("schema/portolan.kdl-schema", &schema::kdl::document());
}

#[test]
fn json_schemas_are_fresh() {
    check("schema/diagnosis.schema.json", &schema::json::diagnosis());
    check("schema/diagnostics.schema.json", &schema::json::diagnostics());
    check("schema/instance.schema.json", &schema::json::instance());
    check("schema/answer.schema.json", &schema::json::answer());
    check("schema/lock.schema.json", &schema::json::lock());
    check("schema/manifest.schema.json", &schema::json::manifest());
    check("schema/plan.schema.json", &schema::json::plan());
    check("schema/difference.schema.json", &schema::json::difference());
    check("schema/comparison.schema.json", &schema::json::comparison());
    check("schema/why.schema.json", &schema::json::why());
    check("schema/simulation.schema.json", &schema::json::simulation());
}

#[test]
fn what_is_written_follows_its_schema() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("the file is there");
    for (schema, document) in [
        ("lock", read("examples/cancer-risk/portolan.lock")),
        ("plan", read("snapshots/cancer-risk/plan.json")),
        ("manifest", read("snapshots/cancer-risk/manifest.json")),
        ("diagnostics", first_line(&read("tests/cli/json.txt"))),
    ] {
        let schema = read(&format!("schema/{schema}.schema.json"));
        let schema: Value = serde_json::from_str(&schema).expect("a schema is JSON");
        let document: Value = serde_json::from_str(&document).expect("the document is JSON");
        let wrong = Validator { root: &schema }.wrong(&schema, &document);
        assert_eq!(wrong, None, "in {document}");
        let fields = document.as_object().expect("an object");
        for required in schema["required"].as_array().expect("some are required") {
            let mut fields = fields.clone();
            fields.remove(required.as_str().expect("a name"));
            let wrong = Validator { root: &schema }.wrong(&schema, &Value::Object(fields));
            assert!(wrong.is_some(), "{required} would be missed");
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
