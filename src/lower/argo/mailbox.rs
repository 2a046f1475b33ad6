//! `transport=mailbox`: a cluster that cannot be called from outside, and so calls out.
//!
//! The hub leaves requests in a folder of its bucket. In the cluster, a small workflow looks there every minute, starts what
//! is asked for, and leaves there how it stands. Names are those of [`super::conductor`], so the protocol is the same:
//! whoever asks again for what was asked for before gets the same answer.

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Volume, VolumeMount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::added::script;
use super::chart::Chart;
use super::conductor::{again, earlier, limits, passed};
use super::dag::MAIN;
use super::stock::{self, Script};
use super::types::{API, Arguments, CronSpec, Object, Started, Template};
use super::{data, workflow};
use crate::lower::names::{self, CONDUCTOR, Service};
use crate::lower::{pod, site, storage};
use crate::place::SiteId;

/// Name of the template that asks for a fragment.
pub const POST: &str = "post";
/// Where the collector keeps its copy of the folder.
const MAIL: &str = "/portolan/mail";

/// True if the hub reaches `site` through a mailbox.
pub fn is_used(hub: &Chart<'_>, site: SiteId) -> bool {
    site != hub.site && site::calls_out_only(hub.graph(), &hub.input.plan[site])
}

/// The folder through which the hub and `site` talk, in the hub's bucket.
pub fn address(hub: &Chart<'_>, site: SiteId) -> Option<String> {
    let root = storage::bucket(hub.input, hub.site)?.root;
    let key = storage::mailbox_key(hub.graph(), hub.pipeline.id, &hub.input.plan[site].cluster);
    Some(format!("{}/{key}", pod::inert(&root, true)))
}

/// Asks for a fragment, and waits for its end.
pub fn post(hub: &Chart<'_>) -> Template {
    let inputs = ["mailbox", "template", "fragment", "parameters"];
    let mut env = vec![pod::variable("MAILBOX", "{{inputs.parameters.mailbox}}")];
    env.extend(passed(hub));
    env.extend(limits());
    let mut template = script(hub, POST, Script::Post, &inputs, env, CONDUCTOR);
    template.retry_strategy = Some(again());
    earlier(hub, &mut template);
    template
}

/// Tells the clusters behind `sites` that a run is over.
pub fn stop(hub: &Chart<'_>, name: &str, sites: &[SiteId]) -> Template {
    let folders: Vec<String> = sites.iter().filter_map(|site| address(hub, *site)).collect();
    let env = vec![
        pod::variable("RUN", data::RUN),
        pod::variable("STATUS", "{{workflow.status}}"),
        pod::variable("MAILBOXES", folders.join("\n")),
    ];
    script(hub, name, Script::Stop, &[], env, CONDUCTOR)
}

/// What looks into the mailbox, in the cluster of `chart`, one of the fragments that run there.
pub fn collector(hub: &Chart<'_>, chart: &Chart<'_>) -> Option<Object<CronSpec>> {
    let pipeline = &chart.pipeline.name.value;
    let spec = workflow::small(chart, vec![collect(hub, chart)?], Arguments::default());
    let labels = names::labels(Some(pipeline));
    Some(Object {
        api_version: API,
        kind: "CronWorkflow",
        metadata: ObjectMeta {
            labels: Some(labels.clone()),
            name: Some(names::name(Service::CronWorkflow, &[pipeline, "mailbox"])),
            namespace: Some(chart.namespace()),
            ..ObjectMeta::default()
        },
        spec: CronSpec {
            schedules: vec!["* * * * *".to_owned()],
            timezone: "UTC".to_owned(),
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

/// A pod that fetches the folder, does what it asks for, and has Argo upload how everything stands.
fn collect(hub: &Chart<'_>, chart: &Chart<'_>) -> Option<Template> {
    let folder = address(hub, chart.site)?;
    let env = vec![
        pod::variable("NAMESPACE", chart.namespace()),
        pod::variable("PIPELINE", names::label_value(&chart.pipeline.name.value)),
        pod::variable("MAIL", MAIL),
    ];
    let mut template = script(chart, MAIN, Script::Collect, &[], env, CONDUCTOR);
    let received = [("MAILBOX", folder.as_str()), ("MAIL", MAIL)];
    let received = received.map(|(name, value)| pod::variable(name, value));
    let mut receive = stock::container(chart.input, Script::Receive, received.to_vec(), "64Mi");
    receive.name = "receive".to_owned();
    let mail = VolumeMount {
        mount_path: MAIL.to_owned(),
        name: "mail".to_owned(),
        ..VolumeMount::default()
    };
    for container in template.container.iter_mut().chain([&mut receive]) {
        container.volume_mounts.get_or_insert_default().push(mail.clone());
    }
    template.init_containers.push(receive);
    template.volumes.push(Volume {
        empty_dir: Some(EmptyDirVolumeSource::default()),
        name: "mail".to_owned(),
        ..Volume::default()
    });
    let status = format!("{folder}/status");
    let mut status = data::artifact(
        hub.input,
        hub.site,
        "status".to_owned(),
        &format!("{MAIL}/out"),
        &status,
    )?;
    // Nothing may have changed.
    status.optional = true;
    template.outputs.artifacts.push(status);
    template.automount_service_account_token = Some(true);
    Some(template)
}
