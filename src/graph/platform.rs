//! The platform: where work may run, and under what terms.

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::Overlay;
use super::monitor::Severity;
use super::needs::Narrowing;
use super::site::SiteRef;
use crate::catalog::{Place, Pricing, Provider};
use crate::quantity::{Bytes, BytesPerSecond, Cores, Grams, MicroUsd, Percent, Seconds};
use crate::source::{Span, Spanned};

/// Where work may run.
#[derive(Clone, Debug, Serialize)]
pub struct Platform {
    /// Its name.
    pub name: Spanned<String>,
    /// In this order.
    pub objective: Vec<Goal>,
    /// Starts the name of everything created; the platform's name unless said.
    pub prefix: String,
    /// On everything created.
    pub tags: BTreeMap<String, String>,
    /// Terraform state.
    pub state: Option<State>,
    /// The cluster that starts runs, if chosen.
    pub hub: Option<Spanned<SiteRef>>,
    /// Where secrets come from.
    pub secrets: Secrets,
    /// Monitoring that exists.
    pub monitoring: Monitoring,
    /// By team.
    pub receivers: Vec<Receiver>,
    /// Accepted findings of security scanners: rule and reason.
    pub waivers: Vec<(String, String)>,
    /// Not there, whatever the step.
    pub never: Vec<Narrowing>,
    /// Clouds, by provider.
    pub clouds: Vec<Cloud>,
    /// Clusters outside any cloud, by name.
    pub clusters: Vec<Cluster>,
    /// Connections the catalogue does not know.
    pub links: Vec<Link>,
    /// Container registry for images built here.
    pub registry: Option<Spanned<String>>,
    /// Network, key and bucket that every site uses which names none of its own.
    pub adopted: Adopted,
    /// Price files, in order: path and text.
    pub catalogs: Vec<PriceFile>,
    /// Patches.
    pub overlays: Vec<Overlay>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// A price file of the user's.
#[derive(Clone, Debug, Serialize)]
pub struct PriceFile {
    /// As written.
    pub path: Spanned<String>,
    /// Its content.
    pub text: String,
}

/// What placement minimises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// Money per month.
    Cost,
    /// Time from start to end.
    Makespan,
    /// Emissions.
    Carbon,
}

/// An existing bucket for Terraform state.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// `s3://`, `gs://` or `azurerm://`.
    pub uri: Spanned<String>,
    /// Region of the bucket.
    pub region: Option<String>,
}

/// Where secrets come from; only references are ever written.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Secrets {
    /// You make the Kubernetes secrets.
    #[default]
    Kubernetes,
    /// HashiCorp Vault.
    Vault {
        /// Its address.
        url: Option<String>,
        /// Mount path.
        path: Option<String>,
    },
    /// External Secrets operator.
    External {
        /// Its store.
        store: Option<String>,
    },
}

/// Monitoring that exists already.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Monitoring {
    /// Prometheus.
    pub prometheus: Option<String>,
    /// Alertmanager.
    pub alertmanager: Option<String>,
    /// Grafana.
    pub grafana: Option<String>,
    /// Where the generated page of runbooks can be read.
    pub runbooks: Option<String>,
}

/// Who gets a team's alerts, and how.
#[derive(Clone, Debug, Serialize)]
pub struct Receiver {
    /// The team.
    pub team: Spanned<String>,
    /// Ways, by severity.
    pub ways: Vec<Way>,
}

/// One way to reach a team.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    /// For alerts of this severity.
    pub severity: Severity,
    /// `pagerduty opsgenie slack teams email webhook github`.
    pub kind: String,
    /// `secret channel to url repository`, as given.
    pub properties: BTreeMap<String, String>,
}

/// One account of one provider.
#[derive(Clone, Debug, Serialize)]
pub struct Cloud {
    /// Which.
    pub provider: Provider,
    /// `account role subscription tenant project`, as given.
    pub identity: BTreeMap<String, String>,
    /// Discounts off the list price.
    pub discounts: Vec<Discount>,
    /// Quotas over all its regions.
    pub quotas: Vec<Quota>,
    /// Not there.
    pub never: Vec<Narrowing>,
    /// Tags besides the platform's.
    pub tags: BTreeMap<String, String>,
    /// Regions that may be used, by name.
    pub regions: Vec<Region>,
    /// Patches.
    pub overlays: Vec<Overlay>,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

/// A region that may be used.
#[derive(Clone, Debug, Serialize)]
pub struct Region {
    /// Its name.
    pub name: Spanned<String>,
    /// Its country, unless overridden.
    pub jurisdiction: Option<Spanned<Place>>,
    /// Most that may be used at a time.
    pub quotas: Vec<Quota>,
    /// Capacity that is paid for.
    pub reservations: Vec<Reservation>,
    /// Not there.
    pub never: Vec<Narrowing>,
    /// Clusters named in it; none: one is implied.
    pub clusters: Vec<Cluster>,
    /// Adopted network, key, bucket, registry.
    pub adopted: Adopted,
    /// Managed training services that may be used.
    pub managed: Vec<Spanned<String>>,
    /// Patches.
    pub overlays: Vec<Overlay>,
}

/// Things that exist already and are used rather than created.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Adopted {
    /// Network.
    pub network: Option<Spanned<String>>,
    /// Subnets of it.
    pub subnets: Vec<Spanned<String>>,
    /// Encryption key.
    pub key: Option<Spanned<String>>,
    /// Bucket.
    pub bucket: Option<Spanned<String>>,
    /// Container registry.
    pub registry: Option<Spanned<String>>,
}

/// Off the list price.
#[derive(Clone, Debug, Serialize)]
pub struct Discount {
    /// How much.
    pub share: Percent,
    /// Only machine types that begin so.
    pub machine: Option<String>,
    /// Only this pricing.
    pub pricing: Option<Pricing>,
}

/// Most that may be used at a time.
#[derive(Clone, Debug, Serialize)]
pub struct Quota {
    /// What is limited.
    pub of: QuotaOf,
    /// How much of it.
    pub limit: f64,
    /// For machines bought this way.
    pub pricing: Pricing,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// What a quota limits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaOf {
    /// Cores of machines without accelerators.
    Cores,
    /// Accelerators of one model; `None`: of any.
    Gpus(Option<String>),
}

/// Capacity that is paid for.
#[derive(Clone, Debug, Serialize)]
pub struct Reservation {
    /// The provider's id.
    pub id: Spanned<String>,
    /// Machine type.
    pub machine: Spanned<String>,
    /// Number of machines.
    pub count: u64,
    /// Zone.
    pub zone: Option<String>,
    /// First day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Per machine and hour; zero: a sunk cost.
    pub price: MicroUsd,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// A Kubernetes cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Cluster {
    /// Its name.
    pub name: Spanned<String>,
    /// Earlier name, after a rename.
    pub was: Option<String>,
    /// Use this one, do not create it.
    pub existing: Option<String>,
    /// Context of the kubeconfig, for clusters outside a cloud.
    pub context: Option<String>,
    /// Namespace; one per pipeline unless said.
    pub namespace: Option<String>,
    /// Service account; one per step unless said.
    pub service_account: Option<String>,
    /// Country it is in, for clusters outside a cloud.
    pub jurisdiction: Option<Spanned<Place>>,
    /// How the hub reaches it.
    pub transport: Transport,
    /// Storage class of its volumes.
    pub storage_class: Option<String>,
    /// Node groups, by name; none in a created cluster: as planned.
    pub nodes: Vec<NodeGroup>,
    /// Adopted bucket, registry.
    pub adopted: Adopted,
    /// Patches.
    pub overlays: Vec<Overlay>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// How the hub reaches a cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// The hub calls its API.
    Direct,
    /// It only calls out; requests wait in a bucket.
    Mailbox,
}

/// A node group; all values are of one node.
#[derive(Clone, Debug, Serialize)]
pub struct NodeGroup {
    /// Its name.
    pub name: Spanned<String>,
    /// Earlier name, after a rename.
    pub was: Option<String>,
    /// Fewest nodes.
    pub min: u64,
    /// Most nodes.
    pub max: u64,
    /// Machine type, in a cloud.
    pub machine: Option<Spanned<String>>,
    /// Cores.
    pub cores: Option<Cores>,
    /// Memory.
    pub memory: Option<Bytes>,
    /// Local disk.
    pub disk: Option<Bytes>,
    /// Accelerator model.
    pub gpu: Option<Spanned<String>>,
    /// Number of accelerators.
    pub gpus: u64,
    /// How it is bought.
    pub pricing: Pricing,
    /// Per node and hour.
    pub price: Option<MicroUsd>,
    /// Carbon intensity of its power, per kWh.
    pub carbon: Option<Grams>,
    /// Labels that select it.
    pub labels: BTreeMap<String, String>,
    /// What must be tolerated: key, value, effect.
    pub taints: Vec<(String, String, String)>,
    /// Patches.
    pub overlays: Vec<Overlay>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// A connection the catalogue does not know; both directions.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The two ends.
    pub ends: (Spanned<SiteRef>, Spanned<SiteRef>),
    /// How fast.
    pub bandwidth: Option<BytesPerSecond>,
    /// One-way delay as written.
    pub latency: Option<Seconds>,
    /// Money per GB.
    pub price: Option<MicroUsd>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}
