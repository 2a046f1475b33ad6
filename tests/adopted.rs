//! Buckets that exist already, by name.

use std::collections::BTreeMap;

use crate::compiled::compile;

fn made(region: &str) -> BTreeMap<String, String> {
    let cloud = match region {
        "eu-west-1" => "cloud aws account=\"123456789012\"",
        _ => "cloud gcp project=acme-ml",
    };
    let text = format!(
        "pipeline churn {{
    owner data
    schedule \"0 2 * * *\" timezone=UTC
    step work kind=etl {{
        image \"ghcr.io/acme/work@sha256:{:064x}\"
        writes report size=\"1GiB\"
    }}
}}
platform acme {{
    receiver data {{ page pagerduty secret=pager.data; }}
    {cloud} {{
        region {region} {{
            bucket existing=\"acme-runs\"
        }}
    }}
}}
",
        1
    );
    let texts = BTreeMap::from([("main.kdl".to_owned(), text)]);
    let compiled = compile(&texts, &["main.kdl"], None);
    let found = compiled.found.sorted();
    let output = compiled.output.unwrap_or_else(|| panic!("{found:#?}"));
    let artifacts = output.artifacts.iter();
    artifacts
        .map(|artifact| (artifact.path.clone(), artifact.text.clone()))
        .collect()
}

#[test]
fn a_bucket_that_exists_is_used_under_its_name_and_not_made() {
    for (region, root, resource) in [
        ("eu-west-1", "s3://acme-runs", "aws_s3_bucket"),
        ("europe-west3", "gs://acme-runs", "google_storage_bucket"),
    ] {
        let files = made(region);
        let terraform: String = files
            .iter()
            .filter(|(path, _)| path.ends_with(".tf"))
            .map(|(_, text)| text.as_str())
            .collect();
        assert!(terraform.contains("acme-runs"), "{terraform}");
        assert!(!terraform.contains(&format!("{resource}.main")), "{terraform}");
        assert!(
            !terraform.contains(&format!("resource \"{resource}\"")),
            "{terraform}"
        );
        let workflow: String = files
            .iter()
            .filter(|(path, _)| path.starts_with("argo/"))
            .map(|(_, text)| text.as_str())
            .collect();
        assert!(workflow.contains(root), "{workflow}");
    }
}
