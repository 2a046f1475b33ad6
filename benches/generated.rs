//! The sources that are measured.

use std::fmt::Write as _;

/// Layers of ten steps; each reads two data sets of the layer before. One step in ten has a condition, one in twenty
/// a fan-out over a run-time list.
pub fn pipeline(steps: usize) -> String {
    let mut text =
        String::from("pipeline generated {\n    owner bench\n    schedule \"0 2 * * *\" timezone=UTC\n");
    text.push_str("    data raw {\n        at lab uri=\"s3://bench/raw\"\n        size \"100GiB\" rows=1_000_000_000\n        format parquet\n    }\n");
    for index in 0..steps {
        let layer = index / 10;
        let _ = writeln!(text, "    step s{index} kind=etl {{");
        if index % 20 == 7 && layer > 0 {
            let _ = writeln!(text, "        each part from=s{}.parts", (layer - 1) * 10);
        }
        if index % 10 == 3 && layer > 0 {
            let _ = writeln!(text, "        when \"s{}.rows >= 1000\"", (layer - 1) * 10);
        }
        let _ = writeln!(
            text,
            "        image \"registry.acme.example/etl@sha256:{:064x}\"",
            7
        );
        let _ = writeln!(text, "        command etl \"--step={index}\" \"--mode=full\"");
        if layer == 0 {
            text.push_str("        reads raw\n");
        } else {
            for offset in [0, 1] {
                let _ = writeln!(
                    text,
                    "        reads d{}",
                    (layer - 1) * 10 + (index * 3 + offset) % 10
                );
            }
        }
        let _ = writeln!(text, "        writes d{index} size=\"2GiB\" format=parquet");
        text.push_str("        emits rows type=integer\n");
        if index % 10 == 0 {
            text.push_str("        emits parts type=list items=8\n");
        }
        text.push_str("        retry 2 on=error backoff=\"30s\"\n    }\n");
    }
    text.push_str("}\n");
    text
}

/// One cluster that is large enough, so that placing decides nothing.
pub const PLATFORM: &str = r#"platform bench {
    prefix bench
    cluster lab context=lab jurisdiction=de {
        nodes cpu count=5000 cores=64 memory="512GiB" price="0.35 USD/hour"
        bucket "s3://bench/runs"
        registry "registry.acme.example"
    }
}
"#;
