use super::format;
use crate::diag::Diagnostics;
use crate::source::SourceId;

fn formatted(text: &str) -> String {
    let mut found = Diagnostics::new();
    let once =
        format(SourceId(0), text, &mut found).unwrap_or_else(|| panic!("{text}: {:?}", found.sorted()));
    let twice = format(SourceId(0), &once, &mut found).unwrap_or_else(|| panic!("not KDL:\n{once}"));
    assert_eq!(once, twice, "a second run changes something");
    once
}

#[test]
fn blocks_words_and_quantities_get_their_one_form() {
    let typed = r##"

pipeline   "a"   {


  promise  "budget"   "3000USD/month"
  step s kind="etl"   { build   source  =  "x"
     needs memory = "32 GiB"   run-time="1h 30min"; retry 3 on=#"error"# factor="2 x"


     writes "d"   size="800 GiB" format="parquet" store=warehouse {keep "1 y"}
     only "aws.sa-east-1" ; command   python "-m" "train" (f)"--x={ a }"
     when "a>1"
  }


}
"##;
    let want = r#"pipeline a {

    promise budget "3000 USD/month"
    step s kind=etl {
        build source="x"
        needs memory="32GiB" run-time="1h30min"
        retry 3 on=error factor="2x"

        writes d size="800GiB" format=parquet store=warehouse { keep "1y" }
        only aws.sa-east-1
        command python "-m" "train" (f)"--x={ a }"
        when "a>1"
    }
}
"#;
    assert_eq!(formatted(typed), want.replacen("{\n\n", "{\n", 1));
}

#[test]
fn every_comment_is_kept_where_it_belongs() {
    let typed = "// first\n\n\n/* block */ pipeline p { // opening\n  owner o // close\n  // own line\n  owner  o2      // far\n\n}   // after\n/- step x {\n a\n}\n/-/* why */ gone\nq /* in */ a=/* x */1 /-b \\ // next\n  c /- { z }\n// last";
    let want = "// first\n\n/* block */\npipeline p {  // opening\n    owner o  // close\n    // own line\n    owner o2       // far\n}   // after\n/- step x {\n    a\n}\n/* why */\n/- gone\nq /* in */ /* x */ a=1 /-b \\ // next\n    c /-{ z }\n// last\n";
    assert_eq!(formatted(typed), want);
}

#[test]
fn texts_of_several_lines_move_with_their_node() {
    let typed =
        "step s {\n script \"\"\"\n  set -e\n\n    run {x}\n  \"\"\"\n  args #\"\"\"\n\t\\n\n\t\"\"\"#\n}\n";
    let want = "step s {\n    script \"\"\"\n        set -e\n\n          run {x}\n        \"\"\"\n    args #\"\"\"\n        \\n\n        \"\"\"#\n}\n";
    assert_eq!(formatted(typed), want);
}

#[test]
fn what_is_not_kdl_is_reported() {
    let mut found = Diagnostics::new();
    assert_eq!(format(SourceId(0), "pipeline {", &mut found), None);
    assert!(found.has_errors());
}
