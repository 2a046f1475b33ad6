use super::{Diagram, dot, mermaid, pipelines};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::{self, Surroundings};
use crate::source::SourceMap;
use crate::syntax;

fn drawn(text: &str) -> Diagram {
    let mut sources = SourceMap::default();
    sources.add("p.kdl", text);
    let files: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    let mut found = Diagnostics::new();
    let document = syntax::parse(&mut sources, &files, &mut found);
    let catalog = Catalog::built_in();
    let around = Surroundings {
        sources: &sources,
        files: &files,
        catalog: &catalog,
        platform: None,
    };
    let (graph, _) = graph::build(&document, around, &mut found).expect("a DAG");
    pipelines(&graph)
}

const PIPELINE: &str = r#"
pipeline p {
    data raw { at aws.eu-west-1 uri="s3://a/raw"; size "1GiB" }
    step list {
        build source="a"
        reads raw
        writes chunks size="1GiB"
        emits shards type=list items=3
        emits rows type=integer
    }
    step work {
        description "say \"hi\"; </b> `x` \\ | end"
        each shard from=list.shards
        build source="a"
        reads chunks
        writes parts size="1GiB"
    }
    step big { when "list.rows > 10"; build source="a"; reads parts; writes all size="1GiB" }
    step small { otherwise big; build source="a"; reads parts; writes all size="1GiB" }
    step clean { after work; build source="a" }
}
"#;

#[test]
fn mermaid_shows_data_conditions_and_fan_outs() {
    let want = r##"flowchart LR
    subgraph p0["p"]
        s0["list<br/><small>task</small>"]
        s2["big<br/><small>task</small>"]
        s3["clean<br/><small>task</small>"]
        s4["small<br/><small>task</small>"]
        d3[("raw")]
        subgraph e0["each shard x 3"]
            s1["work<br/><small>task</small><br/><small>say #34;hi#34;#59; #60;/b#62; #96;x#96; #92; #124; end</small>"]
        end
    end
    d3 --> s0
    s0 -->|"chunks, shards"| s1
    s0 -.->|"rows"| s2
    s1 -->|"parts"| s2
    s1 ==>|"after"| s3
    s1 -->|"parts"| s4
    s2 -.->|"otherwise"| s4
"##;
    assert_eq!(mermaid(&drawn(PIPELINE)), want);
}

#[test]
fn dot_escapes_what_it_quotes() {
    let text = dot(&drawn(PIPELINE));
    assert!(
        text.contains(r#"label="work\ntask\nsay \"hi\"; </b> `x` \\ | end" shape=box"#),
        "{text}"
    );
    assert!(
        text.contains(r#"s2 -> s4 [label="otherwise" style=dashed]"#),
        "{text}"
    );
    assert!(text.contains("subgraph cluster_e0 {"), "{text}");
}
