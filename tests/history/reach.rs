//! How far past runs reach: sizes after running out of memory, cores, accelerators, steps that never ran.

use super::Folder;

const STEPS: &str = r##"
pipeline p {
    data source {
        at aws.eu-west-1 uri="s3://example-lake/source"
        size "8GiB"
        format parquet
    }
    step clean-orders kind=etl {
        image "ghcr.io/acme/clean:1"
        reads source
        writes orders size="5GiB"
    }
    step clean-returns kind=etl {
        image "ghcr.io/acme/clean:1"
        reads source
        writes returns size="5GiB"
    }
    step tune kind=training {
        image "ghcr.io/acme/tune:1"
        needs gpus=1
        reads orders
        writes model size="1GiB"
    }
}
platform x {
    cloud aws account="123456789012" {
        region eu-west-1
    }
    receiver ops {
        page slack channel="#ops" secret=slack.ops
    }
}
"##;

/// Twenty runs each of `steps`, which take `memory` GiB but once three times as much.
fn runs(steps: &[&str], memory: f64) -> String {
    let mut text = String::from(
        "id,pipeline,step,started,seconds,core_seconds,input_bytes,memory_peak_bytes,gpu_memory_peak_bytes\n",
    );
    for step in steps {
        for run in 0..20 {
            let peak = memory * if run == 3 { 3.0 } else { 1.0 } * 1_073_741_824.0;
            text += &format!(
                "{step}-{run},p,{step},2026-05-{:02}T02:00:00Z,600,1500,8589934592,{peak},5368709120\n",
                run + 1
            );
        }
    }
    text
}

fn taught(name: &str, steps: &[&str], memory: f64) -> Folder {
    let folder = Folder::new(name);
    folder.write("pipeline.kdl", STEPS);
    folder.write("runs.csv", runs(steps, memory));
    folder.said(&["history", "import", "runs.csv"]);
    folder
}

/// One quantity of a step, as `profile` tells it.
fn quantity(folder: &Folder, step: &str, name: &str) -> serde_json::Value {
    let said = folder.said(&["profile", "--as", "json"]);
    let profile: serde_json::Value = serde_json::from_str(&said).unwrap();
    let quantities = profile[format!("p/{step}")].as_array().expect(step);
    let found = quantities.iter().find(|quantity| quantity["name"] == name);
    found.unwrap_or_else(|| panic!("{step}: {name}")).clone()
}

#[test]
fn cores_and_memory_of_accelerators_are_those_that_were_in_use() {
    let folder = taught("cores", &["clean-orders", "tune"], 1.0);
    let cores = quantity(&folder, "clean-orders", "cores");
    assert_eq!(cores["basis"]["kind"], "history");
    assert_eq!(cores["p50"], "3", "2.5 cores busy on average are 3 at some time");
    let each = quantity(&folder, "tune", "memory of each");
    assert_eq!(
        (&each["basis"]["runs"], &each["p50"]),
        (&20.into(), &"5GiB".into())
    );
}

#[test]
fn after_running_out_of_memory_an_attempt_gets_no_less_than_was_ever_seen() {
    let folder = taught("ladder", &["clean-orders"], 1.0);
    folder.said(&["compile", "--allow", "image.unpinned", "--allow", "data.size"]);
    let lock = std::fs::read_to_string(folder.0.join("portolan.lock")).unwrap();
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let learned = &lock["profiles"]["p/clean-orders"]["learned"];
    let sizes = [&learned["memory"][1], &learned["memory_retry"]].map(|size| size.as_u64().expect("a size"));
    assert!(sizes[0] >= 3 << 30, "one run of twenty is the p95: {sizes:?}");
    assert!(
        sizes[1] > sizes[0],
        "what comes next is more than that: {sizes:?}"
    );
    let said = folder.said(&["profile", "--step", "clean-orders", "--explain"]);
    assert!(said.contains("memory, retry"), "{said}");
}

#[test]
fn a_step_that_never_ran_needs_no_more_than_steps_like_it() {
    let steps = ["clean-orders", "clean-items", "clean-users", "clean-parts"];
    let none = taught("none", &["clean-orders"], 0.1);
    let alone = quantity(&none, "clean-returns", "memory");
    assert_ne!(alone["basis"]["kind"], "similar", "one other step says nothing");

    let small = taught("small", &steps, 0.1);
    let memory = quantity(&small, "clean-returns", "memory");
    assert_eq!(memory["basis"]["kind"], "similar", "{memory}");
    assert!(
        memory["evidence"].as_str().unwrap().contains("p/clean-"),
        "{memory}"
    );

    let large = taught("large", &steps, 200.0);
    assert_eq!(
        quantity(&large, "clean-returns", "memory"),
        alone,
        "nothing is raised"
    );
}
