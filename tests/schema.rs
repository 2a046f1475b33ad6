//! Generated documents are what the tables say. `BLESS=1 cargo test` writes them anew.

use crate::blessed::check;
use portolan::schema;

#[test]
fn reference_page_is_fresh() {
    check("docs/language.md", &schema::reference::page());
}

#[test]
fn kdl_schema_is_fresh() {
    check("schema/portolan.kdl-schema", &schema::kdl::document());
}

#[test]
fn json_schemas_are_fresh() {
    check("schema/diagnostics.schema.json", &schema::json::diagnostics());
    check("schema/instance.schema.json", &schema::json::instance());
    check("schema/answer.schema.json", &schema::json::answer());
    check("schema/lock.schema.json", &schema::json::lock());
    check("schema/manifest.schema.json", &schema::json::manifest());
    check("schema/plan.schema.json", &schema::json::plan());
}
