//! `trigger`: what looks for new versions of data, on the hub, and starts a run for each.
//!
//! Nobody need call in from outside: every few minutes a small workflow looks. A version that a pipeline writes is known
//! by the run that wrote it; files that arrive are known by their names, sizes and times, once none of them is new.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::chart::Chart;
use super::dag::{MAIN, waiting};
use super::needs::Wait;
use super::stock::{OUT, Script};
use super::types::{API, CronSpec, Dag, Inputs, Object, Parameter, Started, Task, Template, ValueFrom};
use super::{added, data, memory, workflow};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Overlap, Trigger};
use crate::lower::names::{self, CONDUCTOR, EXECUTOR, Service};
use crate::lower::{pod, storage};
use crate::quantity::Seconds;

const LOOK: &str = "look";
const START: &str = "start";
const SEEN: &str = "seen";

/// A `CronWorkflow` for each trigger.
pub fn objects(chart: &Chart<'_>, out: &mut Diagnostics) -> Vec<Object<CronSpec>> {
    let triggers = chart.pipeline.triggers.iter();
    triggers
        .filter_map(|trigger| object(chart, trigger, out))
        .collect()
}

fn object(chart: &Chart<'_>, trigger: &Trigger, out: &mut Diagnostics) -> Option<Object<CronSpec>> {
    let pipeline = &chart.pipeline.name.value;
    let set = &chart.graph()[trigger.data];
    let Some(watched) = watched(chart, trigger) else {
        let message = format!(
            "`{}` is no object storage: nothing tells when it changes",
            set.name.value
        );
        let found = Diagnostic::new(Code::TriggerData, trigger.span, "cannot be watched", message);
        out.push(found.help("write a `schedule`, or watch what lies in object storage"));
        return None;
    };
    let parts = [pipeline.as_str(), "on", &set.name.value];
    let templates = templates(chart, trigger, watched);
    let spec = workflow::small(
        chart,
        templates,
        workflow::arguments(chart.pipeline, &mut Diagnostics::new()),
    );
    let labels = names::labels(Some(pipeline));
    Some(Object {
        api_version: API,
        kind: "CronWorkflow",
        metadata: ObjectMeta {
            labels: Some(labels.clone()),
            name: Some(names::name(Service::CronWorkflow, &parts)),
            namespace: Some(chart.namespace()),
            ..ObjectMeta::default()
        },
        spec: CronSpec {
            schedules: vec![every(trigger.every)],
            timezone: "UTC".to_owned(),
            // A look that takes long is not overtaken: it would start the same run.
            concurrency_policy: "Forbid",
            starting_deadline_seconds: None,
            successful_jobs_history_limit: 1,
            failed_jobs_history_limit: 3,
            workflow_metadata: ObjectMeta {
                labels: Some(labels.into_iter().chain([workflow::helper_label()]).collect()),
                ..ObjectMeta::default()
            },
            workflow_spec: Started::Own(Box::new(spec)),
        },
    })
}

/// Variables that say what is looked at; `None` for what cannot be.
fn watched(chart: &Chart<'_>, trigger: &Trigger) -> Option<[(&'static str, String); 3]> {
    let set = &chart.graph()[trigger.data];
    let quiet = format!("{}s", trigger.every.0.ceil());
    if set.at.is_empty() {
        let key = format!("data_{}", set.name.value);
        return Some([
            ("FROM", memory::address(chart.input, set.pipeline)?),
            ("KEY", key),
            ("QUIET", quiet),
        ]);
    }
    let address = data::address(chart.input, chart.site, trigger.data, data::RUN);
    data::copyable(&address).then_some([("FROM", address), ("KEY", String::new()), ("QUIET", quiet)])
}

fn templates(chart: &Chart<'_>, trigger: &Trigger, watched: [(&'static str, String); 3]) -> Vec<Template> {
    let step = |name: &str, depends: &[&str], guard: &str| {
        let wait = Wait {
            depends: depends.iter().map(|task| format!("{task}.Succeeded")).collect(),
            guards: (!guard.is_empty())
                .then(|| guard.to_owned())
                .into_iter()
                .collect(),
        };
        waiting(name, name, &wait)
    };
    let version = Parameter::value(
        "version",
        format!("{{{{tasks.{LOOK}.outputs.parameters.version}}}}"),
    );
    let told = |mut task: Task| {
        task.arguments.parameters = vec![version.clone()];
        task
    };
    let new = format!(r#"tasks["{LOOK}"].outputs.parameters["version"] != """#);
    let started = format!(r#"get(get(tasks["{START}"], "outputs").parameters, "started") == "yes""#);
    let main = Template {
        name: MAIN.to_owned(),
        dag: Some(Dag {
            fail_fast: true,
            tasks: vec![
                step(LOOK, &[], ""),
                told(step(START, &[LOOK], &new)),
                told(step(SEEN, &[START], &started)),
            ],
        }),
        ..Template::default()
    };
    let Some(seen) = seen(chart, trigger) else {
        return Vec::new();
    };
    vec![
        main,
        look(chart, watched, &seen),
        start(chart, trigger),
        remember(chart, &seen),
    ]
}

/// The file that says which version a run was started for last.
fn seen(chart: &Chart<'_>, trigger: &Trigger) -> Option<String> {
    let root = storage::bucket(chart.input, chart.site)?.root;
    let prefix = storage::pipeline_prefix(chart.graph(), chart.pipeline.id);
    let name = &chart.graph()[trigger.data].name.value;
    Some(format!("{}/{prefix}_seen/{name}", pod::inert(&root, true)))
}

fn look(chart: &Chart<'_>, watched: [(&'static str, String); 3], seen: &str) -> Template {
    let env = watched
        .into_iter()
        .map(|(name, value)| pod::variable(name, value));
    let env = env.chain([pod::variable("SEEN", seen)]).collect();
    let mut template = added::script(chart, LOOK, Script::Watch, &[], env, EXECUTOR);
    template.outputs = answer("version");
    template
}

fn start(chart: &Chart<'_>, trigger: &Trigger) -> Template {
    let overlap = match trigger.overlap {
        Overlap::Forbid => "forbid",
        Overlap::Allow => "allow",
        Overlap::Replace => "replace",
    };
    let env = vec![
        pod::variable("NAMESPACE", chart.namespace()),
        pod::variable("PIPELINE", names::label_value(&chart.pipeline.name.value)),
        pod::variable("TEMPLATE", chart.name.clone()),
        pod::variable("OVERLAP", overlap),
        pod::variable("VERSION", "{{inputs.parameters.version}}"),
    ];
    let mut template = added::script(chart, START, Script::Start, &["version"], env, CONDUCTOR);
    template.outputs = answer("started");
    // It talks to the API of its own cluster.
    template.automount_service_account_token = Some(true);
    template
}

fn remember(chart: &Chart<'_>, seen: &str) -> Template {
    let env = vec![
        pod::variable("RECORD", "{{inputs.parameters.version}}"),
        pod::variable("TO", seen),
    ];
    added::script(chart, SEEN, Script::Remember, &["version"], env, EXECUTOR)
}

fn answer(name: &str) -> Inputs {
    let from = ValueFrom {
        path: Some(format!("{OUT}/{name}")),
        ..ValueFrom::default()
    };
    Inputs {
        parameters: vec![Parameter::from(name, from)],
        ..Inputs::default()
    }
}

/// As a cron expression, which only knows divisors of an hour and of a day: the longest that is not longer.
fn every(every: Seconds) -> String {
    const MINUTES: [u64; 11] = [30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1];
    const HOURS: [u64; 7] = [12, 8, 6, 4, 3, 2, 1];
    let minutes = (every.0 / 60.0) as u64;
    let longest = |of: &[u64], most: u64| of.iter().copied().find(|step| *step <= most).unwrap_or(1);
    match minutes / 60 {
        0 => match longest(&MINUTES, minutes) {
            1 => "* * * * *".to_owned(),
            step => format!("*/{step} * * * *"),
        },
        hours if hours >= 24 => "0 0 * * *".to_owned(),
        hours => match longest(&HOURS, hours) {
            1 => "0 * * * *".to_owned(),
            step => format!("0 */{step} * * *"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_at_least_as_often_as_asked() {
        for (seconds, cron) in [
            (1.0, "* * * * *"),
            (300.0, "*/5 * * * *"),
            (420.0, "*/6 * * * *"),
            (3600.0, "0 * * * *"),
            (5.0 * 3600.0, "0 */4 * * *"),
            (200_000.0, "0 0 * * *"),
        ] {
            assert_eq!(every(Seconds(seconds)), cron);
        }
    }
}
