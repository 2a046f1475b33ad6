//! A small plan made by hand: one pipeline over three clouds and a cluster outside any, with a text of the caller's
//! wherever a user may write one.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Pricing, Provider};
use crate::graph::*;
use crate::lower::{Artifact, Images, Lowering, Target, fixture as small, terraform::Terraform};
use crate::place::{Assignment, Cost, Movement, Plan, Pool, PoolId, Site, SiteId, Solution};
use crate::profile::{Estimate, Profile, ProfiledGraph, Work};
use crate::quantity::{Bytes, Cores, MicroUsd, Seconds};
use crate::source::{Span, Spanned};

/// What may be varied.
pub struct Case {
    /// Stands in tags, reasons, paths of addresses.
    pub text: String,
    /// Adopts network, key, bucket and cluster wherever that is possible.
    pub adopts: bool,
}

/// Everything that Terraform is told in this case, and what was reported.
pub fn compile(case: &Case) -> (Vec<Artifact>, crate::diag::Diagnostics) {
    let graph = graph(case);
    let profiled = ProfiledGraph {
        graph: &graph,
        steps: graph.steps.iter().map(|step| profile(step.id)).collect(),
        data: graph
            .data
            .iter()
            .map(|_| Estimate::declared(Bytes::gib(40.0)))
            .collect(),
    };
    let plan = plan(&profiled, case);
    let mut out = crate::diag::Diagnostics::new();
    let catalog = Catalog::built_in();
    let input = Lowering {
        plan: &plan,
        catalog: &catalog,
        images: &Images::default(),
        templates: &crate::lower::Templates::default(),
    };
    (Terraform.lower(&input, &mut out), out)
}

fn said<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

const SITES: [(&str, Option<(Provider, &str)>); 4] = [
    ("aws-sa-east-1", Some((Provider::Aws, "sa-east-1"))),
    ("azure-westeurope", Some((Provider::Azure, "westeurope"))),
    ("gcp-europe-west4", Some((Provider::Gcp, "europe-west4"))),
    ("lab", None),
];

fn graph(case: &Case) -> Graph {
    let at = |store| (store, Vec::new());
    let raw = Location {
        site: said(SiteRef::Region(Provider::Aws, "sa-east-1".into())),
        uri: Some(said(Text::literal(format!(
            "s3://hospital-ehr/raw/{}",
            case.text
        )))),
    };
    // Name, store and address, writer.
    let data = [
        ("raw", (Store::Bucket, vec![raw]), None),
        ("clean", at(Store::Warehouse), Some(0)),
        ("table", at(Store::Bucket), Some(1)),
        ("model", at(Store::Bucket), Some(2)),
        ("online", at(Store::Cache), Some(0)),
        ("facts", at(Store::Sql), Some(0)),
        ("seen", at(Store::Nosql), Some(0)),
        ("online-gcp", at(Store::Cache), Some(2)),
        ("facts-gcp", at(Store::Sql), Some(2)),
        ("clean-gcp", at(Store::Warehouse), Some(2)),
        ("online-azure", at(Store::Cache), Some(3)),
        ("facts-azure", at(Store::Sql), Some(3)),
        ("clean-azure", at(Store::Warehouse), Some(3)),
        ("vectors", at(Store::Vector), Some(3)),
        ("seen-azure", at(Store::Nosql), Some(3)),
        ("seen-gcp", at(Store::Nosql), Some(2)),
        ("vectors-aws", at(Store::Vector), Some(0)),
        ("events-aws", at(Store::Stream), Some(0)),
        ("files-aws", at(Store::Disk), Some(0)),
        ("vectors-gcp", at(Store::Vector), Some(2)),
        ("events-gcp", at(Store::Stream), Some(2)),
        ("files-gcp", at(Store::Disk), Some(2)),
        ("events-azure", at(Store::Stream), Some(3)),
        ("files-azure", at(Store::Disk), Some(3)),
    ];
    let steps = [
        ("transform", vec![0]),
        ("features", vec![1]),
        ("train", vec![2]),
        ("serve", vec![3]),
        ("check", vec![3]),
    ];
    Graph {
        pipelines: vec![pipeline()],
        steps: (0..)
            .zip(steps)
            .map(|(id, (name, reads))| {
                let writes = (0..).zip(&data).filter(|(_, it)| it.2 == Some(id));
                step(id, name, reads, writes.map(|(data, _)| data).collect())
            })
            .collect(),
        data: data
            .iter()
            .map(|(name, (store, at), writer)| DataSet {
                store: *store,
                at: at.clone(),
                ..small::data(name, writer.map(StepId).into_iter().collect())
            })
            .collect(),
        platform: Some(platform(case)),
        ..Graph::default()
    }
}

fn pipeline() -> Pipeline {
    Pipeline {
        id: PipelineId(0),
        name: said("risk".into()),
        was: None,
        owner: None,
        description: None,
        schedules: Vec::new(),
        triggers: Vec::new(),
        parameters: Vec::new(),
        steps: (0..5).map(StepId).collect(),
        data: (0..24).map(DataId).collect(),
        promises: Vec::new(),
        endpoints: Vec::new(),
        monitor: Monitor::default(),
        overlays: Vec::new(),
    }
}

fn step(id: u32, name: &str, reads: Vec<u32>, writes: Vec<u32>) -> Step {
    Step {
        program: Program::Build(Build {
            source: said("steps".into()),
            base: said("python:3.12-slim".into()),
            requirements: None,
            dockerfile: None,
            apt: Vec::new(),
        }),
        reads: reads.into_iter().map(small::read).collect(),
        writes: writes.into_iter().map(small::write).collect(),
        ..small::step(id, name, StepKind::Task)
    }
}

fn platform(case: &Case) -> Platform {
    let identity = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let role = "arn:aws:iam::123456789012:role/terraform";
    let ids = [
        (
            Provider::Aws,
            identity(&[("account", "123456789012"), ("role", role)]),
        ),
        (
            Provider::Azure,
            identity(&[("subscription", "0f3c2b1a-0000-4000-8000-000000000000")]),
        ),
        (Provider::Gcp, identity(&[("project", "acme-ml")])),
    ];
    Platform {
        name: said("acme".into()),
        objective: vec![Goal::Cost],
        prefix: "acme".into(),
        tags: BTreeMap::from([
            ("cost-center".into(), case.text.clone()),
            (case.text.clone(), "x".into()),
        ]),
        state: Some(State {
            uri: said("s3://acme-terraform/ml".into()),
            region: Some("us-east-1".into()),
        }),
        hub: None,
        secrets: Secrets::Kubernetes,
        monitoring: Monitoring::default(),
        receivers: Vec::new(),
        waivers: vec![
            ("CKV_AWS_144".into(), case.text.clone()),
            ("CKV_AWS_999".into(), case.text.clone()),
        ],
        never: Vec::new(),
        clouds: ids
            .into_iter()
            .map(|(provider, identity)| cloud(case, provider, identity))
            .collect(),
        clusters: vec![cluster("lab", None)],
        links: Vec::new(),
        registry: None,
        adopted: Adopted::default(),
        catalogs: Vec::new(),
        overlays: Vec::new(),
        span: Span::default(),
    }
}

fn cloud(case: &Case, provider: Provider, identity: BTreeMap<String, String>) -> Cloud {
    let sites = SITES
        .iter()
        .filter_map(|(name, region)| Some((*name, region.as_ref()?)));
    let mine = sites.filter(|(_, region)| region.0 == provider);
    Cloud {
        provider,
        identity,
        discounts: Vec::new(),
        quotas: Vec::new(),
        never: Vec::new(),
        tags: BTreeMap::new(),
        overlays: Vec::new(),
        regions: mine
            .map(|(name, (_, region))| region_node(case, provider, name, region))
            .collect(),
        span: Span::default(),
    }
}

fn region_node(case: &Case, provider: Provider, site: &str, region: &str) -> Region {
    let id = |id: &str| case.adopts.then(|| said(id.to_owned()));
    let adopted = match provider {
        Provider::Aws => Adopted {
            network: id("vpc-0123"),
            subnets: Vec::new(),
            key: id("arn:aws:kms:sa-east-1:123456789012:key/0f3c"),
            bucket: id("s3://acme-own/portolan"),
            registry: None,
        },
        Provider::Gcp => Adopted {
            network: id("projects/acme-net/global/networks/shared"),
            subnets: id("projects/acme-net/regions/europe-west4/subnetworks/ml").into_iter().collect(),
            key: id("projects/acme-sec/locations/europe-west4/keyRings/ml/cryptoKeys/data"),
            bucket: id("gs://acme-own"),
            registry: None,
        },
        Provider::Azure => Adopted {
            network: id("/subscriptions/0f/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"),
            subnets: id("/subscriptions/0f/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/ml")
                .into_iter()
                .collect(),
            key: None,
            bucket: id("abfss://runs@acmeown.dfs.core.windows.net"),
            registry: None,
        },
    };
    Region {
        name: said(region.to_owned()),
        jurisdiction: None,
        quotas: Vec::new(),
        reservations: vec![Reservation {
            id: said("cr-0a1b".into()),
            machine: said("p5.48xlarge".into()),
            count: 2,
            zone: Some(format!("{region}b")),
            from: None,
            until: None,
            price: MicroUsd::ZERO,
            span: Span::default(),
        }],
        never: Vec::new(),
        clusters: if case.adopts {
            vec![cluster(site, Some("theirs"))]
        } else {
            Vec::new()
        },
        adopted,
        managed: Vec::new(),
        overlays: Vec::new(),
    }
}

fn cluster(name: &str, existing: Option<&str>) -> Cluster {
    Cluster {
        name: said(name.into()),
        was: None,
        existing: existing.map(str::to_owned),
        context: None,
        namespace: None,
        service_account: None,
        jurisdiction: None,
        transport: Transport::Direct,
        storage_class: None,
        nodes: Vec::new(),
        adopted: Adopted::default(),
        overlays: Vec::new(),
        span: Span::default(),
    }
}

fn profile(step: StepId) -> Profile {
    Profile {
        step,
        cores: Estimate::declared(Cores(4.0)),
        memory: Estimate::declared(Bytes::gib(16.0)),
        accelerators: None,
        nodes: if step == StepId(2) { 2 } else { 1 },
        disk: Estimate::declared(Bytes::gib(100.0)),
        network: Estimate::declared(Bytes::ZERO),
        work: Work::Time(Estimate::declared(Seconds(60.0))),
        run_time_bounds: (None, None),
        storage: Vec::new(),
        load: None,
        parallel: 1,
        items: 1,
        runs_per_month: 30.0,
        learned: None,
    }
}

fn pool(site: u32, machine: &str, pricing: Pricing, gpu: Option<(&str, u64)>) -> Pool {
    Pool {
        site: SiteId(site),
        name: crate::lower::names::name(
            crate::lower::names::Service::Kubernetes,
            &[
                if gpu.is_some() { "gpu" } else { "cpu" },
                &machine.replace('_', "-"),
                pricing.word(),
            ],
        ),
        machine: machine.into(),
        cores: Cores(16.0),
        memory: Bytes::gib(64.0),
        accelerator: gpu.map(|(model, count)| (model.to_owned(), count)),
        arch: "amd64".into(),
        pricing,
        hourly: MicroUsd::ZERO,
        price_basis: String::new(),
        interruption: None,
        bounds: (0, 4),
        reservation: (pricing == Pricing::Reserved).then(|| "cr-0a1b".to_owned()),
        declared: false,
    }
}

/// Transform and features in AWS, training in Google's cloud, serving in Azure, a check in the lab.
fn plan<'g>(profiled: &'g ProfiledGraph<'g>, _case: &Case) -> Plan<'g> {
    let homes = [
        0, 0, 0, 2, 0, 0, 0, 2, 2, 2, 1, 1, 1, 1, 1, 2, 0, 0, 0, 2, 2, 2, 1, 1,
    ];
    let at = |(step, (site, pool)): (u32, (u32, u32))| Assignment {
        step: StepId(step),
        site: SiteId(site),
        pool: PoolId(pool),
        machines: 1,
        item: crate::place::model::ItemRun::default(),
        duration: Seconds(60.0),
        duration_p95: Seconds(60.0),
        ends: Seconds(60.0),
        monthly: MicroUsd::ZERO,
        monthly_p95: MicroUsd::ZERO,
        because: String::new(),
        runner_up: None,
        considered: crate::place::model::Considered::default(),
    };
    let moved = |data, from, to, reader| Movement {
        data: DataId(data),
        from: SiteId(from),
        to: SiteId(to),
        size: Bytes::gib(1.0),
        time: Seconds(60.0),
        monthly: MicroUsd::ZERO,
        readers: vec![StepId(reader)],
    };
    Plan {
        profiled,
        sites: SITES
            .iter()
            .map(|(name, region)| Site {
                name: (*name).into(),
                region: region.map(|(provider, region)| (provider, region.to_owned())),
                cluster: (*name).into(),
                country: "br".into(),
                on_premises: region.is_none(),
                runs: true,
            })
            .collect(),
        pools: vec![
            pool(0, "r7i.4xlarge", Pricing::Spot, None),
            pool(0, "p5.48xlarge", Pricing::Reserved, Some(("H100", 8))),
            pool(1, "Standard_NC4as_T4_v3", Pricing::OnDemand, Some(("T4", 1))),
            pool(1, "Standard_D8s_v5", Pricing::Spot, None),
            pool(2, "a3-highgpu-8g", Pricing::OnDemand, Some(("H100", 8))),
            pool(2, "n1-standard-16+T4x2", Pricing::Spot, Some(("T4", 2))),
            pool(3, "dgx", Pricing::Reserved, Some(("A100-80GB", 8))),
        ],
        assignments: (0..)
            .zip([(0, 0), (0, 1), (2, 4), (1, 2), (3, 6)])
            .map(at)
            .collect(),
        moves: vec![
            moved(2, 0, 2, 2),
            moved(3, 2, 1, 3),
            moved(3, 2, 3, 4),
            moved(0, 0, 1, 3),
            moved(10, 1, 0, 1),
        ],
        homes: homes.iter().map(|site| Some(SiteId(*site))).collect(),
        hubs: vec![SiteId(0)],
        promises: Vec::new(),
        cost: Cost::default(),
        solution: Solution::default(),
    }
}
