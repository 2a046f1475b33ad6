//! Vector indexes, streams and shared file systems of a site, as all clouds see them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::gcp;
use super::stack::Stack;
use super::store::{self, Kept};
use super::{access, store::summary};
use crate::catalog::Provider;
use crate::graph::{DataId, Step, Store};
use crate::lower::names::{self, Service};
use crate::lower::own_store;
use crate::lower::pod::USER;
use crate::render::hcl::{self, Expression};

/// Length of a vector where the data set does not say how many columns it has: that of common sentence encoders.
const DIMENSIONS: u64 = 768;

/// Events a second that one partition takes: a starting point, for events of about a kilobyte and the megabyte a second
/// that a partition of Event Hubs takes in.
const PER_PARTITION: f64 = 1000.0;

/// Partitions of one Event Hub, at most (Azure documentation, "Event Hubs quotas", Premium).
const MOST_PARTITIONS: u64 = 100;

/// What data sets of a site have to themselves.
#[derive(Serialize)]
pub struct Own {
    vectors: Vec<Made>,
    streams: Vec<Made>,
    disks: Vec<Made>,
    /// Brokers, which the streams of a pipeline share.
    brokers: Vec<Broker>,
    /// True if any of them is made.
    any: bool,
}

/// The store of one data set.
#[derive(Serialize)]
struct Made {
    address: String,
    name: String,
    /// The data set's own name, for what has a name within the store.
    thing: String,
    summary: String,
    tags: Expression,
    /// Key of the address that writers are told.
    key: String,
    /// Address of the broker of a stream.
    broker: String,
    writers: Vec<Party>,
    /// Writers and readers, each once.
    parties: Vec<Party>,
    readers: Vec<Party>,
    dimensions: u64,
    partitions: u64,
    /// Hours for which a stream keeps events: a week unless said, at most 90 days.
    hours: u64,
    /// GiB of a file system: twice what is expected.
    gib: u64,
    /// User and group of the pods.
    user: i64,
}

/// Who uses a store.
#[derive(Serialize)]
struct Party {
    /// Address of its right.
    address: String,
    /// Address of its identity.
    identity: String,
    /// Its service account, which its place in a stream is named after.
    account: String,
    /// Key of the address that it is told as a reader.
    key: String,
}

#[derive(Serialize)]
struct Broker {
    address: String,
    name: String,
    tags: Expression,
}

impl Own {
    /// All of a site.
    pub fn of(stack: &Stack<'_>) -> Own {
        let all = |store| -> Vec<Made> {
            store::kept(stack, store)
                .iter()
                .map(|kept| made(stack, kept))
                .collect()
        };
        let (vectors, streams, disks) = (all(Store::Vector), all(Store::Stream), all(Store::Disk));
        let brokers = store::by_pipeline(store::kept(stack, Store::Stream)).into_keys();
        Own {
            any: [&vectors, &streams, &disks].iter().any(|made| !made.is_empty()),
            vectors,
            streams,
            disks,
            brokers: brokers.map(|pipeline| broker(stack, pipeline)).collect(),
        }
    }

    /// True if there is a store of this kind.
    pub fn has(&self, store: Store) -> bool {
        match store {
            Store::Vector => !self.vectors.is_empty(),
            Store::Stream => !self.streams.is_empty(),
            Store::Disk => !self.disks.is_empty(),
            Store::Bucket | Store::Warehouse | Store::Sql | Store::Nosql | Store::Cache => false,
        }
    }

    /// Addresses of the stores of this kind.
    pub fn addresses(&self, store: Store) -> Vec<&str> {
        match store {
            Store::Vector => addresses(&self.vectors),
            Store::Stream => self.brokers.iter().map(|it| it.address.as_str()).collect(),
            Store::Disk => addresses(&self.disks),
            Store::Bucket | Store::Warehouse | Store::Sql | Store::Nosql | Store::Cache => Vec::new(),
        }
    }
}

fn addresses(made: &[Made]) -> Vec<&str> {
    made.iter().map(|it| it.address.as_str()).collect()
}

fn made(stack: &Stack<'_>, kept: &Kept<'_>) -> Made {
    let (pipeline, data) = (kept.pipeline, kept.data);
    let peak = data.traffic.as_ref().map_or(0.0, |traffic| traffic.peak.0);
    let week = 7 * 24;
    Made {
        address: names::name(Service::TerraformAddress, &[pipeline, &data.name.value]),
        name: stack.name_of(service(stack.provider, data.store), pipeline, &data.name.value),
        thing: data.name.value.clone(),
        summary: hcl::comment(&summary(std::slice::from_ref(kept))),
        tags: tags(stack, pipeline),
        key: own_store::key(&stack.input, kept.id, None),
        broker: names::name(Service::TerraformAddress, &[pipeline]),
        writers: parties(stack, kept.id, own_store::writes),
        readers: parties(stack, kept.id, own_store::reads),
        parties: parties(stack, kept.id, |step, data| {
            own_store::reads(step, data) || own_store::writes(step, data)
        }),
        dimensions: data.columns.unwrap_or(DIMENSIONS),
        partitions: ((peak / PER_PARTITION).ceil() as u64).clamp(4, MOST_PARTITIONS),
        hours: data
            .keep
            .map_or(week, |keep| (keep.0 / 3600.0).ceil() as u64)
            .clamp(1, 90 * 24),
        gib: (kept.size.in_gib() * 2.0).ceil() as u64,
        user: USER,
    }
}

fn broker(stack: &Stack<'_>, pipeline: &str) -> Broker {
    let service = match stack.provider {
        Provider::Azure => Service::EventHubs,
        Provider::Aws | Provider::Gcp => Service::Broker,
    };
    Broker {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(service, pipeline, ""),
        tags: tags(stack, pipeline),
    }
}

/// Everybody whose step does what `uses` asks.
fn parties(stack: &Stack<'_>, data: DataId, uses: fn(&Step, DataId) -> bool) -> Vec<Party> {
    let steps = stack.steps().filter(|step| uses(step, data));
    let accounts: BTreeSet<(String, String)> = steps
        .map(|step| access::account_of(stack, stack.id, step))
        .collect();
    let thing = &stack.graph()[data].name.value;
    let party = |(namespace, account): (String, String)| Party {
        address: names::name(Service::TerraformAddress, &[&namespace, &account, thing]),
        identity: names::name(Service::TerraformAddress, &[&namespace, &account]),
        key: own_store::key(&stack.input, data, Some(&account)),
        account,
    };
    accounts.into_iter().map(party).collect()
}

fn service(provider: Provider, store: Store) -> Service {
    match (provider, store) {
        (Provider::Aws, Store::Vector) => Service::Collection,
        (Provider::Azure, Store::Vector) => Service::SearchService,
        (Provider::Azure, Store::Disk) => Service::StorageAccount,
        (Provider::Aws | Provider::Azure | Provider::Gcp, _) => Service::Kubernetes,
    }
}

fn tags(stack: &Stack<'_>, pipeline: &str) -> Expression {
    let own = stack.tags_of(pipeline);
    match stack.provider {
        // The provider adds the site's own.
        Provider::Aws => Expression::map(&own),
        Provider::Gcp => gcp::labels(&own),
        Provider::Azure => {
            let mut all: BTreeMap<String, String> = stack.tags();
            all.extend(own);
            Expression::map(&all)
        }
    }
}
