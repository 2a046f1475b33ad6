//! Generated documents are what the tables say. `BLESS=1 cargo test` writes them anew.

use std::path::Path;

use portolan::schema;

fn fresh(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, text).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "{path} is stale; BLESS=1 cargo test schema\n{}",
        portolan::write::unified(path, &committed, text)
    );
}

#[test]
fn reference_page_is_fresh() {
    fresh("docs/language.md", &schema::reference::page());
}

#[test]
fn kdl_schema_is_fresh() {
    fresh("schema/portolan.kdl-schema", &schema::kdl::document());
}

#[test]
fn json_schemas_are_fresh() {
    fresh("schema/diagnostics.schema.json", &schema::json::diagnostics());
    fresh("schema/lock.schema.json", &schema::json::lock());
    fresh("schema/manifest.schema.json", &schema::json::manifest());
    fresh("schema/plan.schema.json", &schema::json::plan());
}
