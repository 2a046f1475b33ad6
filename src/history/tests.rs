//! What files hold, what cannot be true, and what is kept.

use std::collections::BTreeMap;

use super::open::open;
use super::store::{pack, unpack};
use super::table::{self, Defaults};
use super::*;
use crate::diag::Code;
use crate::source::SourceMap;

/// Reads texts of any form as one import; the codes found are sorted by place.
fn imported(texts: &[&str]) -> (Records, Vec<Code>) {
    let (mut sources, mut out) = (SourceMap::default(), Diagnostics::new());
    let mut read = Read::default();
    for text in texts {
        let file = sources.add("runs", *text);
        let more = Form::of(text).read(&sources, file, Defaults { pipeline: "p" }, &mut out);
        read.attempts.extend(more.attempts);
        read.samples.extend(more.samples);
    }
    let mut records = Records::default();
    records.import(read, &mut out);
    (records, out.sorted().iter().map(|found| found.code).collect())
}

fn only(records: &Records) -> &Attempt {
    assert_eq!(records.attempts.len(), 1, "{records:?}");
    records.attempts.values().next().expect("there is one")
}

const ARGO: &str = r#"{"items": [{
    "metadata": {"name": "churn-1", "uid": "u1", "labels": {"portolan/pipeline": "churn", "portolan/run": "r1"}},
    "spec": {"templates": [{"name": "t-train", "metadata": {"labels": {"portolan/step": "train"}}}],
             "arguments": {"parameters": [{"name": "min-rows", "value": "10"}]}},
    "status": {"nodes": {
        "churn-1-1": {"id": "churn-1-1", "type": "Retry", "templateName": "t-train", "phase": "Succeeded"},
        "churn-1-2": {"id": "churn-1-2", "type": "Pod", "displayName": "train(0)", "templateName": "t-train",
            "phase": "Failed", "message": "OOMKilled (exit code 137)", "startedAt": "2026-05-01T02:00:00Z",
            "finishedAt": "2026-05-01T02:10:00Z", "outputs": {"exitCode": "137"},
            "resourcesDuration": {"cpu": 1200, "memory": 24576}},
        "churn-1-3": {"id": "churn-1-3", "type": "Pod", "displayName": "train(1)", "templateName": "t-train",
            "phase": "Succeeded", "startedAt": "2026-05-01T02:11:00Z", "finishedAt": "2026-05-01T02:31:00Z",
            "outputs": {"exitCode": "0"}},
        "churn-1-4": {"id": "churn-1-4", "type": "Pod", "displayName": "serve", "templateName": "serve",
            "phase": "Running", "startedAt": "2026-05-01T02:31:00Z"}}}}]}"#;

#[test]
fn pods_of_argo_are_attempts_and_metrics_of_prometheus_complete_them() {
    let memory = r#"{"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": "container_memory_working_set_bytes", "pod": "churn-1-t-train-3", "container": "main"},
         "values": [[1777600000, "1000"], [1777600060, "4000"], [1777600120, "NaN"]]},
        {"metric": {"__name__": "container_memory_working_set_bytes", "pod": "churn-1-t-train-3", "container": "wait"},
         "values": [[1777600000, "500"], [1777600060, "500"]]},
        {"metric": {"__name__": "container_cpu_usage_seconds_total", "pod": "churn-1-t-train-3", "container": "main"},
         "values": [[1777600000, "10"], [1777600060, "40"], [1777600120, "5"]]}]}}"#;
    let (records, codes) = imported(&[ARGO, memory]);
    assert!(codes.is_empty(), "{codes:?}");
    let [first, second] = records.in_order()[..] else {
        panic!("{records:?}")
    };
    assert_eq!(
        (first.step.as_str(), first.pipeline.as_str(), first.run.as_str()),
        ("train", "churn", "r1")
    );
    assert_eq!(
        (first.outcome, first.retries, first.exit_code),
        (Outcome::OutOfMemory, 0, Some(137))
    );
    assert_eq!(first.measure(Measure::Cores), Some(2.0));
    assert_eq!(first.measure(Measure::MemoryRequest), Some(4096.0 * 1_048_576.0));
    assert_eq!((second.outcome, second.retries), (Outcome::Succeeded, 1));
    assert_eq!(second.measure(Measure::Seconds), Some(1200.0));
    assert_eq!(second.measure(Measure::MemoryPeak), Some(4500.0));
    assert_eq!(second.measure(Measure::CoreSeconds), Some(45.0));
    assert_eq!(second.parameters["min-rows"], "10");
}

#[test]
fn metrics_of_a_pod_that_nobody_knows_are_reported() {
    let memory = r#"{"data": {"result": [{"metric": {"__name__": "DCGM_FI_DEV_FB_USED", "pod": "stray"}, "values": [[1777600000, "2"]]}]}}"#;
    let (records, codes) = imported(&[memory]);
    assert!(records.is_empty());
    assert_eq!(codes, [Code::HistoryRow]);
}

#[test]
fn traces_of_nextflow_are_read_with_units_and_raw() {
    let head = "task_id\thash\tname\tstatus\texit\tsubmit\tstart\trealtime\t%cpu\tpeak_rss\trchar\tcpus\n";
    let human = format!(
        "{head}1\taa/1\tALIGN (s1)\tCOMPLETED\t0\t2026-05-01 02:00:00.000\t2026-05-01 02:00:05.000\t3m 2s\t150.0%\t1.5 GB\t10 MB\t4\n"
    );
    let raw = format!(
        "{head}1\taa/1\tALIGN (s1)\tCOMPLETED\t0\t1777600800000\t1777600805000\t182000\t150.0\t1610612736\t10485760\t4\n"
    );
    for text in [human, raw] {
        let (records, codes) = imported(&[&text]);
        assert!(codes.is_empty(), "{codes:?}");
        let attempt = only(&records);
        assert_eq!((attempt.step.as_str(), attempt.item.as_str()), ("ALIGN", "s1"));
        assert_eq!(attempt.measure(Measure::Seconds), Some(182.0));
        assert_eq!(attempt.measure(Measure::MemoryPeak), Some(1_610_612_736.0));
        assert_eq!(attempt.measure(Measure::ReadBytes), Some(10_485_760.0));
        assert_eq!(attempt.measure(Measure::CoreSeconds), Some(273.0));
        assert_eq!(attempt.started.map(|time| time % 86_400.0), Some(7205.0));
    }
}

#[test]
fn a_table_written_is_the_table_read() {
    let text = "id,run,pipeline,step,item,started,outcome,seconds,memory_peak_bytes,parameter.depth,subject,value\n\
        a,1,p,train,x,2026-05-01T02:00:00Z,,60.5,1000,8,,\n\
        b,2,p,train,,2026-05-02T02:00:00Z,out-of-memory,61,2000,,,\n\
        ,,p,serve,,2026-05-01T00:00:00Z,,,,,requests_per_second,12.5\n";
    let (records, codes) = imported(&[text]);
    assert!(codes.is_empty(), "{codes:?}");
    assert_eq!((records.attempts.len(), records.samples.len()), (2, 1));
    let (again, _) = imported(&[&table::text(&records)]);
    assert_eq!(again, records);
    assert_eq!(table::text(&again), table::text(&records));
}

#[test]
fn what_is_read_twice_is_kept_once() {
    let text = "step,seconds\ntrain,60\ntrain,60\ntrain,61\n";
    let (mut records, _) = imported(&[text]);
    assert_eq!(records.attempts.len(), 3, "rows alike are attempts of their own");
    let (again, _) = imported(&[text]);
    assert!(records.add(again).is_empty());
    let (more, _) = imported(&[
        "id,step,seconds,memory_peak_bytes\nx,train,1,\n",
        "id,step,seconds,memory_peak_bytes\nx,train,2,5\n",
    ]);
    let attempt = only(&more);
    assert_eq!(
        (
            attempt.measure(Measure::Seconds),
            attempt.measure(Measure::MemoryPeak)
        ),
        (Some(1.0), Some(5.0))
    );
}

#[test]
fn what_cannot_be_true_is_left_out_and_its_row_kept() {
    let cases = [
        ("step,seconds,memory_peak_bytes\nt,60,NaN\n", Code::HistoryValue),
        ("step,seconds,memory_peak_bytes\nt,60,0\n", Code::HistoryValue),
        ("step,seconds,memory_peak_bytes\nt,60,-5\n", Code::HistoryValue),
        ("step,seconds,memory_peak_bytes\nt,60,much\n", Code::HistoryValue),
        ("step,seconds,memory_peak_bytes\nt,-60,5\n", Code::HistoryClock),
        (
            "step,seconds,started\nt,60,1970-01-01T00:00:00Z\n",
            Code::HistoryClock,
        ),
        ("step,seconds,started\nt,60,yesterday\n", Code::HistoryClock),
        ("step,seconds,colour\nt,60,red\n", Code::HistoryColumn),
    ];
    for (text, code) in cases {
        let (records, codes) = imported(&[text]);
        assert_eq!(codes, [code], "{text}");
        assert_eq!(only(&records).measures.len(), 1, "{text}");
    }
}

#[test]
fn what_is_of_no_use_is_left_out_whole() {
    for (text, code) in [
        ("step,seconds\n,60\n", Code::HistoryRow),
        ("step,seconds\ntrain,\n", Code::HistoryRow),
        ("seconds\n60\n", Code::HistoryColumns),
        ("step\ntrain\n", Code::HistoryColumns),
        ("", Code::HistoryColumns),
        ("{\"items\": [", Code::HistoryColumns),
        ("step,subject,value\nserve,bytes,5\n", Code::HistoryRow),
    ] {
        let (records, codes) = imported(&[text]);
        assert!(records.is_empty(), "{text}");
        assert_eq!(codes, [code], "{text}");
    }
}

#[test]
fn a_number_in_another_unit_stands_out_among_its_like() {
    let rows = |last: &str| {
        format!(
            "step,memory_peak_bytes\n{}train,{last}\n",
            "train,2e9\n".repeat(6)
        )
    };
    let (records, codes) = imported(&[&rows("2000")]);
    assert_eq!((codes, records.attempts.len()), (vec![Code::HistoryUnit], 6));
    let (records, codes) = imported(&[&rows("2000MiB")]);
    assert_eq!((codes, records.attempts.len()), (vec![], 7));
    let (_, codes) = imported(&[&rows("4e10")]);
    assert!(codes.is_empty(), "twenty times is no unit");
}

#[test]
fn many_mistakes_of_one_kind_are_counted() {
    let text = format!("step,seconds\n{}", "train,NaN\n".repeat(1000));
    let (records, codes) = imported(&[&text]);
    assert!(records.is_empty());
    assert_eq!(codes.len(), 11);
}

#[test]
fn imports_are_parts_and_a_torn_one_hides_no_other() {
    let texts = [
        "step,seconds\na,1\n",
        "step,seconds\nb,2\n",
        "step,seconds\nc,3\n",
    ];
    let parts = texts.map(pack);
    let whole = parts.concat();
    assert_eq!(unpack(&whole).members, texts);
    let steps = |bytes: &[u8]| {
        let (mut sources, mut out) = (SourceMap::default(), Diagnostics::new());
        let opened = open(&mut sources, "portolan.history", bytes, &mut out);
        let codes: Vec<Code> = out.sorted().iter().map(|found| found.code).collect();
        let steps: Vec<String> = opened
            .records
            .in_order()
            .iter()
            .map(|attempt| attempt.step.clone())
            .collect();
        assert_eq!(opened.damaged, !codes.is_empty());
        assert!(
            codes.iter().all(|code| *code == Code::HistoryDamaged),
            "{codes:?}"
        );
        steps.into_iter().collect::<std::collections::BTreeSet<_>>()
    };
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(steps(&whole), all(&["a", "b", "c"]));
    // Torn at every byte of the last part, and then grown by another import.
    let two = parts[0].len() + parts[1].len();
    for end in two..whole.len() {
        assert_eq!(steps(&whole[..end]), all(&["a", "b"]), "{end}");
        let grown = [&whole[..end], &pack("step,seconds\nd,4\n")].concat();
        assert_eq!(steps(&grown), all(&["a", "b", "d"]), "{end}");
    }
    // One bit of the middle part flipped: no wrong row is ever read. Bits that only fill up a byte hide nothing.
    let packed = parts[0].len() + 20..two;
    let lost = packed.clone().filter(|byte| {
        let mut bad = whole.clone();
        bad[*byte] ^= 0x10;
        let left = steps(&bad);
        assert!(
            left == all(&["a", "c"]) || left == all(&["a", "b", "c"]),
            "{byte}: {left:?}"
        );
        left.len() == 2
    });
    assert!(lost.count() + 2 >= packed.len());
}

#[test]
fn the_graph_of_wfformat_becomes_steps_and_its_tasks_their_attempts() {
    let text = r#"{"name": "demo", "schemaVersion": "1.5", "workflow": {
        "specification": {
            "tasks": [
                {"name": "split_ID01", "id": "split_ID01", "parents": [], "inputFiles": ["in"], "outputFiles": ["s1", "s2"]},
                {"name": "work_ID02", "id": "work_ID02", "parents": ["split_ID01"], "inputFiles": ["s1"], "outputFiles": ["w1"]},
                {"name": "work_ID03", "id": "work_ID03", "parents": ["split_ID01"], "inputFiles": ["s2"], "outputFiles": ["w2"]},
                {"name": "work_ID04", "id": "work_ID04", "parents": ["work_ID02", "work_ID03"], "inputFiles": ["w1"], "outputFiles": []}],
            "files": [{"id": "in", "sizeInBytes": 100}, {"id": "s1", "sizeInBytes": 40}, {"id": "s2", "sizeInBytes": 60}, {"id": "w1", "sizeInBytes": 8}, {"id": "w2", "sizeInBytes": 8}]},
        "execution": {"executedAt": "2026-05-01T02:00:00Z", "tasks": [
            {"id": "work_ID02", "runtimeInSeconds": 5.0, "memoryInBytes": 1000},
            {"id": "work_ID04", "runtimeInSeconds": 7.0}]}}}"#;
    let (records, codes) = imported(&[text]);
    assert!(codes.is_empty(), "{codes:?}");
    let steps: BTreeMap<&str, Option<f64>> = records
        .attempts
        .values()
        .map(|attempt| (attempt.step.as_str(), attempt.measure(Measure::InputBytes)))
        .collect();
    assert_eq!(
        steps,
        BTreeMap::from([("work", Some(40.0)), ("work-at-2", Some(8.0))])
    );
    let instance: wfformat::Instance = serde_json::from_str(text).expect("it is WfFormat");
    let pipeline = wfformat::pipeline::text("demo", &instance.workflow.specification);
    assert!(
        pipeline.contains("step work {\n        each task count=2\n"),
        "{pipeline}"
    );
    assert!(pipeline.contains("    step work-at-2 {\n"), "{pipeline}");
    assert!(pipeline.contains("reads work-output\n"), "{pipeline}");
}
