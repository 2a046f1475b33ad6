#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

use k8s_openapi::api::core::v1::Container;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::lower::argo::types::{Dag, Task};
use crate::lower::pod;

fn pod(name: &str, command: &[&str], env: &[(&str, &str)]) -> Template {
    let env = env
        .iter()
        .map(|(name, value)| pod::variable(*name, (*value).to_owned()));
    Template {
        name: name.to_owned(),
        service_account_name: Some(name.to_owned()),
        container: Some(Container {
            command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            env: Some(env.collect()),
            ..Container::default()
        }),
        ..Template::default()
    }
}

/// A DAG that runs each of `pods`, then these.
fn workflow(pods: Vec<Template>) -> Vec<Template> {
    let task = |pod: &Template| Task {
        name: pod.name.clone(),
        template: Some(pod.name.clone()),
        ..Task::default()
    };
    let main = Template {
        name: "main".to_owned(),
        dag: Some(Dag {
            fail_fast: false,
            tasks: pods.iter().map(task).collect(),
        }),
        ..Template::default()
    };
    std::iter::once(main).chain(pods).collect()
}

/// What a task's pod is once Argo has filled in its inputs.
fn filled_in(templates: &[Template], task: &Task) -> Template {
    let name = task.template.as_ref().unwrap();
    let mut template = templates.iter().find(|it| it.name == *name).unwrap().clone();
    for (_, text) in texts(&mut template) {
        for argument in &task.arguments.parameters {
            let (name, value) = (&argument.name, argument.value.as_ref().unwrap());
            *text = text.replace(&format!("{{{{inputs.parameters.{name}}}}}"), value);
            let upper = format!(r#"{{{{=upper(replace(inputs.parameters.{name}, "-", "_"))}}}}"#);
            *text = text.replace(&upper, &value.replace('-', "_").to_uppercase());
        }
    }
    template.name.clone_from(&task.name);
    template.inputs.parameters.clear();
    template
}

#[test]
fn what_differs_becomes_an_input_of_whole_words() {
    let run = "{{workflow.parameters.run}}";
    let address = |name: &str| format!("s3://acme/{name}/{run}");
    let (fr, de) = (address("claims-fr"), address("claims-de"));
    let pods = vec![
        pod("load-fr", &["load", "--country=fr"], &[("READS_CLAIMS_FR", &fr)]),
        pod("load-de", &["load", "--country=de"], &[("READS_CLAIMS_DE", &de)]),
    ];
    let mut templates = workflow(pods);
    share(&mut templates);
    let [main, shape] = templates.as_slice() else {
        panic!("one shape")
    };
    let container = shape.container.as_ref().unwrap();
    assert_eq!(
        container.command.as_ref().unwrap(),
        &["load", "--country={{inputs.parameters.account}}"]
    );
    let variable = &container.env.as_ref().unwrap()[0];
    assert_eq!(
        variable.value.as_deref(),
        Some("s3://acme/claims-{{inputs.parameters.account}}/{{workflow.parameters.run}}")
    );
    assert_eq!(
        variable.name,
        r#"READS_CLAIMS_{{=upper(replace(inputs.parameters.account, "-", "_"))}}"#
    );
    let first = &main.dag.as_ref().unwrap().tasks[0];
    assert_eq!(first.arguments.parameters, [Parameter::value("account", "fr")]);
}

#[test]
fn what_only_the_template_knows_stays_there() {
    let own = |name: &str, item: &str| {
        pod(
            name,
            &[name, &format!("/{name}/{{{{inputs.parameters.each_{item}}}}}")],
            &[],
        )
    };
    let mut templates = workflow(vec![own("one", "part"), own("two", "part"), own("three", "row")]);
    share(&mut templates);
    let names: Vec<&str> = templates.iter().map(|template| template.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"three"));
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn every_task_still_runs_its_own_pod(
        said in prop::collection::vec(
            prop::collection::vec("(a|b|-|/|é|=|\\{\\{workflow\\.name\\}\\}|\\{\\{inputs\\.parameters\\.x\\}\\}){0,6}", 3),
            1..6,
        )
    ) {
        let pods = said.iter().enumerate().map(|(at, own)| {
            pod(&format!("s{at}"), &[&own[0], &own[1]], &[("X", &own[2])])
        });
        let pods: Vec<Template> = pods.collect();
        let mut templates = workflow(pods.clone());
        share(&mut templates);
        let tasks = &templates[0].dag.as_ref().unwrap().tasks;
        for (task, pod) in tasks.iter().zip(&pods) {
            let now = serde_json::to_value(filled_in(&templates, task)).unwrap();
            prop_assert_eq!(now, serde_json::to_value(pod).unwrap());
            for argument in &task.arguments.parameters {
                let value = argument.value.as_deref().unwrap();
                prop_assert!(!value.contains("inputs"), "{}", value);
            }
        }
    }
}
