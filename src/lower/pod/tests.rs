#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed"
)]

use super::*;
use crate::graph::{EnvValue, EnvVar as Declared, FileMount, Piece, Script};
use crate::lower::fixture::{self, HOSTILE};
use crate::render;
use crate::source::{Span, Spanned};

fn typed(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

/// What the kubelet makes of a text, as `k8s.io/kubernetes/third_party/forked/golang/expansion` does it.
fn expanded(text: &str, env: &[(String, String)]) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        made += &rest[..at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            made.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            match env.iter().rev().find(|(known, _)| known == name) {
                Some((_, value)) => made += value,
                None => made += &format!("$({name})"),
            }
            rest = after;
        } else {
            made.push('$');
        }
    }
    made + rest
}

/// The environment and the command of a container as its program sees them.
fn seen(container: &serde_json::Value) -> (Vec<(String, String)>, Vec<String>) {
    let mut env: Vec<(String, String)> = vec![("KUBERNETES_PORT".to_owned(), "443".to_owned())];
    for variable in container["env"].as_array().unwrap() {
        let name = variable["name"].as_str().unwrap().to_owned();
        if let Some(value) = variable["value"].as_str() {
            let value = expanded(value, &env);
            env.push((name, value));
        }
    }
    let words = container["command"].as_array().into_iter().flatten();
    let command = words.map(|word| expanded(word.as_str().unwrap(), &env)).collect();
    (env, command)
}

fn answer(_: Asked<'_>) -> Answer {
    Answer::Text("{{inputs.parameters.x}}".to_owned())
}

#[test]
fn hostile_texts_reach_the_program_as_they_are() {
    let mut graph = fixture::graph();
    let step = &mut graph.steps[0];
    step.command = HOSTILE.iter().map(|text| Text::literal(*text)).collect();
    step.env = HOSTILE
        .iter()
        .enumerate()
        .map(|(at, text)| Declared {
            name: typed(&format!("HOSTILE_{at}")),
            value: EnvValue::Text(Text::literal(*text)),
        })
        .collect();
    fixture::lowered(&graph, &crate::lower::Images::default(), |input| {
        for live_braces in [false, true] {
            let pod = StepPod {
                input,
                step: &graph.steps[0],
                live_braces,
                answer: &answer,
            };
            let container = pod.container();
            if live_braces {
                let own = container.command.iter().flatten();
                assert!(
                    own.clone().all(|word| !word.contains("{{")),
                    "a placeholder is alive"
                );
            }
            let yaml = render::yaml(&[container]);
            let read: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
            let (env, command) = seen(&read);
            assert_eq!(command, HOSTILE);
            for (at, text) in HOSTILE.iter().enumerate() {
                let name = format!("HOSTILE_{at}");
                let value = &env.iter().find(|(known, _)| *known == name).unwrap().1;
                assert_eq!(value, text);
            }
        }
    });
}

#[test]
fn scripts_and_files_are_mounted_word_for_word() {
    let mut graph = fixture::graph();
    let text = HOSTILE.concat();
    graph.steps[0].script = Some(Script {
        text: typed(&text),
        shell: "bash".to_owned(),
    });
    graph.steps[0].files = vec![FileMount {
        path: typed("etc/list it.py"),
        mount: typed("/app/list.py"),
        text: Some(text.clone()),
    }];
    fixture::lowered(&graph, &crate::lower::Images::default(), |input| {
        let step = &graph.steps[0];
        let map = config_map(input, step).unwrap();
        let read: serde_json::Value = serde_saphyr::from_str(&render::yaml(&[map])).unwrap();
        assert_eq!(read["data"]["script"], text);
        assert_eq!(read["data"]["0-list_it.py"], text);
        let pod = StepPod {
            input,
            step,
            live_braces: true,
            answer: &answer,
        };
        assert_eq!(pod.container().command.unwrap(), ["bash", "/portolan/script"]);
        let volumes = pod.volumes();
        assert_eq!(volumes.iter().filter(|volume| volume.name == "files").count(), 1);
    });
}

#[test]
fn references_become_what_the_starter_says() {
    let mut graph = fixture::graph();
    let reference = Piece::Reference(Binding::Run(crate::graph::RunField::Id));
    let text = Text(vec![
        Piece::Literal("a{".to_owned()),
        reference.clone(),
        reference,
    ]);
    graph.steps[0].args = vec![text];
    fixture::lowered(&graph, &crate::lower::Images::default(), |input| {
        let pod = StepPod {
            input,
            step: &graph.steps[0],
            live_braces: true,
            answer: &answer,
        };
        let args = pod.container().args.unwrap();
        assert_eq!(
            args,
            ["a$(PORTOLAN_BRACE){{inputs.parameters.x}}{{inputs.parameters.x}}"]
        );
        let from = |_: Asked<'_>| Answer::config_map_key("release", "run");
        let pod = StepPod {
            live_braces: false,
            answer: &from,
            ..pod
        };
        let container = pod.container();
        assert_eq!(
            container.args.unwrap(),
            ["a{$(PORTOLAN_VALUE_1)$(PORTOLAN_VALUE_1)"]
        );
        assert_eq!(container.env.unwrap()[0].name, "PORTOLAN_VALUE_1");
    });
}
