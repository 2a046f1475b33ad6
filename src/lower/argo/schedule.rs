//! `schedule`: what starts runs, on the hub only.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::chart::Chart;
use super::types::{API, Arguments, CronSpec, Named, Object, Parameter, ReferenceSpec, Started};
use crate::graph::{Overlap, Schedule};
use crate::lower::names::{self, Service};

/// A `CronWorkflow` for each way of starting: schedules that differ only in their times share one.
pub fn objects(chart: &Chart<'_>) -> Vec<Object<CronSpec>> {
    let mut groups: Vec<Vec<&Schedule>> = Vec::new();
    for schedule in &chart.pipeline.schedules {
        let alike = |group: &&mut Vec<&Schedule>| {
            group.first().is_some_and(|first| {
                first.timezone == schedule.timezone
                    && first.overlap == schedule.overlap
                    && first.late == schedule.late
            })
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(schedule),
            None => groups.push(vec![schedule]),
        }
    }
    let alone = groups.len() == 1;
    groups
        .iter()
        .filter_map(|group| object(chart, group, alone))
        .collect()
}

fn object(chart: &Chart<'_>, group: &[&Schedule], alone: bool) -> Option<Object<CronSpec>> {
    let first = group.first()?;
    let pipeline = &chart.pipeline.name.value;
    let how = format!("{} {:?} {}", first.timezone, first.overlap, first.late.0);
    let name = match alone {
        true => names::name(Service::CronWorkflow, &[pipeline]),
        false => names::name(Service::CronWorkflow, &[pipeline, &names::short_hash(&how)]),
    };
    let mut times: Vec<String> = group.iter().map(|schedule| schedule.cron.value.clone()).collect();
    times.sort();
    Some(Object {
        api_version: API,
        kind: "CronWorkflow",
        metadata: ObjectMeta {
            labels: Some(names::labels(Some(pipeline))),
            name: Some(name),
            namespace: Some(chart.namespace()),
            ..ObjectMeta::default()
        },
        spec: spec(chart, first, times),
    })
}

fn spec(chart: &Chart<'_>, schedule: &Schedule, times: Vec<String>) -> CronSpec {
    let date = Parameter::value("date", logical_date(&schedule.timezone));
    CronSpec {
        schedules: times,
        timezone: schedule.timezone.clone(),
        concurrency_policy: match schedule.overlap {
            Overlap::Forbid => "Forbid",
            Overlap::Allow => "Allow",
            Overlap::Replace => "Replace",
        },
        starting_deadline_seconds: (schedule.late.0 >= 1.0).then_some(schedule.late.0 as u64),
        successful_jobs_history_limit: 3,
        failed_jobs_history_limit: 3,
        workflow_metadata: ObjectMeta {
            labels: Some(names::labels(Some(&chart.pipeline.name.value))),
            ..ObjectMeta::default()
        },
        workflow_spec: Started::Referred(ReferenceSpec {
            arguments: Arguments {
                parameters: vec![date],
            },
            workflow_template_ref: Named {
                name: chart.name.clone(),
            },
        }),
    }
}

/// The day on which a run was due, where its schedule is written for.
fn logical_date(timezone: &str) -> String {
    // Single quotes: until it is filled in, this text travels inside JSON texts of other parameters.
    let due = "sprig.toDate('2006-01-02T15:04:05Z07:00', workflow.scheduledTime)";
    format!("{{{{=sprig.dateInZone('2006-01-02', {due}, '{timezone}')}}}}")
}
