#![allow(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::collections::BTreeMap;

use super::*;

fn files(all: &[(&str, &str)]) -> Files {
    let own = all
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    own.collect::<BTreeMap<_, _>>()
}

fn actions(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<(Action, String, bool)> {
    let compared = compare(&files(before), &files(after)).unwrap();
    let changes = compared.changes.into_iter();
    changes
        .map(|change| (change.action, change.address, change.loses_data))
        .collect()
}

const BUCKET: &str = r#"
locals { name = "acme" }
resource "aws_s3_bucket" "main" {
  bucket = "${local.name}-data"
  lifecycle { prevent_destroy = true }
}
resource "aws_eks_node_group" "cpu" {
  node_group_name = "cpu"
  scaling_config {
    min_size = 0
    max_size = 4
  }
}
"#;

#[test]
fn what_stays_the_same_is_no_change() {
    let side = [("terraform/a/data.tf", BUCKET)];
    assert_eq!(
        compare(&files(&side), &files(&side)).unwrap(),
        Comparison {
            version: VERSION,
            steps: vec![],
            promises: vec![],
            cost: None,
            changes: vec![],
            files: vec![],
        }
    );
}

#[test]
fn a_local_that_forces_replaces_and_loses_data() {
    let after = BUCKET.replace("\"acme\"", "\"other\"");
    let found = actions(
        &[("terraform/a/data.tf", BUCKET)],
        &[("terraform/a/data.tf", &after)],
    );
    assert_eq!(found, [(Action::Replace, "aws_s3_bucket.main".to_owned(), true)]);
}

#[test]
fn a_size_is_changed_in_place() {
    let after = BUCKET.replace("max_size = 4", "max_size = 8");
    let found = actions(
        &[("terraform/a/data.tf", BUCKET)],
        &[("terraform/a/data.tf", &after)],
    );
    assert_eq!(
        found,
        [(Action::Update, "aws_eks_node_group.cpu".to_owned(), false)]
    );
}

#[test]
fn another_file_of_the_stack_is_the_same_resource() {
    let found = actions(
        &[("terraform/a/data.tf", BUCKET)],
        &[("terraform/a/other.tf", BUCKET)],
    );
    assert_eq!(found, []);
}

#[test]
fn moved_and_removed_blocks_spare_a_resource() {
    let moved = BUCKET.replace("\"aws_s3_bucket\" \"main\"", "\"aws_s3_bucket\" \"new\"")
        + "moved {\n from = aws_s3_bucket.main\n to = aws_s3_bucket.new\n}\n";
    let found = actions(
        &[("terraform/a/data.tf", BUCKET)],
        &[("terraform/a/data.tf", &moved)],
    );
    assert_eq!(found, [(Action::Move, "aws_s3_bucket.new".to_owned(), false)]);
    let removed = "removed {\n from = aws_s3_bucket.main\n lifecycle {\n destroy = false\n }\n}\n";
    let found = actions(
        &[("terraform/a/data.tf", BUCKET)],
        &[("terraform/a/data.tf", removed)],
    );
    let expected = [
        (Action::Destroy, "aws_eks_node_group.cpu".to_owned(), false),
        (Action::Forget, "aws_s3_bucket.main".to_owned(), false),
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_immutable_field_of_an_object_replaces_it() {
    let object = |app: &str, replicas: u32| {
        format!(
            "kind: Deployment\nmetadata:\n  name: web\n  namespace: acme\nspec:\n  replicas: {replicas}\n  selector:\n    matchLabels:\n      app: {app}\n"
        )
    };
    let path = "kubernetes/a/serving.yaml";
    let found = actions(&[(path, &object("web", 1))], &[(path, &object("web", 2))]);
    assert_eq!(found, [(Action::Update, "Deployment acme/web".to_owned(), false)]);
    let found = actions(&[(path, &object("web", 1))], &[(path, &object("other", 1))]);
    assert_eq!(
        found,
        [(Action::Replace, "Deployment acme/web".to_owned(), false)]
    );
}

#[test]
fn what_is_not_ours_is_named() {
    let broken = files(&[("terraform/a/data.tf", "resource {{{")]);
    let why = compare(&broken, &Files::new()).unwrap_err();
    assert!(why.starts_with("terraform/a/data.tf: "), "{why}");
}

#[test]
fn markdown_shows_hostile_values_as_text() {
    let hostile = BUCKET.replace("\"cpu\"\n  scaling", "\"|`<script>*\"\n  scaling");
    let before = files(&[("terraform/a/data.tf", BUCKET)]);
    let compared = compare(&before, &files(&[("terraform/a/data.tf", &hostile)])).unwrap();
    let text = markdown(&compared);
    assert!(text.contains("\\|\\`&lt;script&gt;\\*"), "{text}");
    assert!(!text.contains("<script>"), "{text}");
}
