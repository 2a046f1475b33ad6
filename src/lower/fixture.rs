//! A small placed pipeline for the targets' unit tests: `work` writes `model` from `table`, `serve` serves it, both in
//! one region with one pool.

use std::collections::BTreeMap;

use super::{Images, Lowering};
use crate::catalog::{Catalog, Pricing, Provider};
use crate::graph::*;
use crate::place::*;
use crate::profile::*;
use crate::quantity::{Bytes, Cores, MicroUsd, PerSecond, Percent, Seconds};
use crate::source::{Span, Spanned};

fn typed<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

/// A graph of two steps on a platform of one region.
pub fn graph() -> Graph {
    let mut work = step(0, "work", StepKind::Training);
    work.reads = vec![read(1)];
    work.writes = vec![write(0)];
    let mut serve = step(1, "serve", StepKind::Serving);
    serve.program = Program::Stock(typed(Runtime::Triton));
    serve.reads = vec![read(0)];
    serve.predecessors = vec![StepId(0)];
    serve.serving = Some(Serving {
        runtime: Runtime::Triton,
        port: 8000,
        health: "/v2/health/ready".to_owned(),
        via: Via::Deployment,
        scale: Scale {
            min: 1,
            max: None,
            idle: Seconds(600.0),
        },
        rollout: Rollout::Rolling,
    });
    let mut table = data("table", Vec::new());
    let site = SiteRef::Region(Provider::Aws, "eu-west-1".to_owned());
    let uri = Some(typed(Text::literal("s3://acme/table")));
    table.at = vec![Location {
        site: typed(site),
        uri,
    }];
    Graph {
        pipelines: vec![pipeline()],
        steps: vec![work, serve],
        data: vec![data("model", vec![StepId(0)]), table],
        platform: Some(platform()),
        ..Graph::default()
    }
}

fn pipeline() -> Pipeline {
    Pipeline {
        id: PipelineId(0),
        name: typed("churn".to_owned()),
        was: None,
        owner: None,
        description: None,
        schedules: Vec::new(),
        triggers: Vec::new(),
        parameters: Vec::new(),
        steps: vec![StepId(0), StepId(1)],
        data: vec![DataId(0), DataId(1)],
        promises: Vec::new(),
        endpoints: Vec::new(),
        monitor: Monitor::default(),
        overlays: Vec::new(),
    }
}

/// An input.
pub fn read(data: u32) -> Read {
    Read {
        data: DataId(data),
        mount: None,
        last: None,
        previous: false,
        choose: None,
        part_of: None,
        gathers: false,
        orders: true,
        span: Span::default(),
    }
}

/// An output.
pub fn write(data: u32) -> Write {
    Write {
        data: DataId(data),
        mount: None,
        at: None,
        size: None,
        rows: None,
        columns: None,
        lifts: Default::default(),
        span: Span::default(),
    }
}

/// A data set in a bucket.
pub fn data(name: &str, writers: Vec<StepId>) -> DataSet {
    DataSet {
        pipeline: PipelineId(0),
        name: typed(name.to_owned()),
        was: None,
        description: None,
        store: Store::Bucket,
        at: Vec::new(),
        writers,
        size: None,
        rows: None,
        columns: None,
        growth: Percent(0.0),
        format: None,
        partitions: None,
        keep: None,
        versions: None,
        traffic: None,
        residency: None,
        sensitivity: None,
        inherited: Inherited::default(),
        overlays: Vec::new(),
        span: Span::default(),
    }
}

/// A step that runs an image.
pub fn step(id: u32, name: &str, kind: StepKind) -> Step {
    Step {
        id: StepId(id),
        pipeline: PipelineId(0),
        name: typed(name.to_owned()),
        was: None,
        description: None,
        kind,
        program: Program::Image(typed("ghcr.io/acme/work:1".to_owned())),
        command: Vec::new(),
        args: Vec::new(),
        script: None,
        env: Vec::new(),
        secrets: Vec::new(),
        files: Vec::new(),
        volumes: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        emits: Vec::new(),
        when: None,
        otherwise: Vec::new(),
        after: Vec::new(),
        finally: false,
        approval: None,
        retry: Vec::new(),
        timeout: None,
        cache: None,
        checkpoint: None,
        model: None,
        needs: Needs::default(),
        at_least: Needs::default(),
        at_most: Needs::default(),
        only: Vec::new(),
        never: Vec::new(),
        with: Vec::new(),
        apart: Vec::new(),
        serving: None,
        traffic: None,
        each: Vec::new(),
        promises: Vec::new(),
        overlays: Vec::new(),
        predecessors: Vec::new(),
        inherited: Inherited::default(),
        span: Span::default(),
    }
}

fn platform() -> Platform {
    let identity = BTreeMap::from([("account".to_owned(), "123456789012".to_owned())]);
    Platform {
        name: typed("acme".to_owned()),
        objective: vec![Goal::Cost],
        prefix: "acme".to_owned(),
        tags: BTreeMap::new(),
        state: None,
        hub: None,
        secrets: Secrets::Kubernetes,
        monitoring: Monitoring::default(),
        receivers: Vec::new(),
        waivers: Vec::new(),
        never: Vec::new(),
        clouds: vec![Cloud {
            provider: Provider::Aws,
            identity,
            discounts: Vec::new(),
            quotas: Vec::new(),
            never: Vec::new(),
            tags: BTreeMap::new(),
            regions: vec![region()],
            overlays: Vec::new(),
            span: Span::default(),
        }],
        clusters: Vec::new(),
        links: Vec::new(),
        registry: None,
        adopted: Adopted::default(),
        catalogs: Vec::new(),
        overlays: Vec::new(),
        span: Span::default(),
    }
}

fn region() -> Region {
    Region {
        name: typed("eu-west-1".to_owned()),
        jurisdiction: None,
        quotas: Vec::new(),
        reservations: Vec::new(),
        never: Vec::new(),
        clusters: Vec::new(),
        adopted: Adopted::default(),
        managed: Vec::new(),
        overlays: Vec::new(),
    }
}

/// The same modest needs for every step; serving steps get a load of office hours.
pub fn profiled(graph: &Graph) -> ProfiledGraph<'_> {
    let steps = graph.steps.iter().map(|step| Profile {
        step: step.id,
        cores: Estimate::declared(Cores(1.5)),
        memory: Estimate::declared(Bytes::gib(4.0)),
        accelerators: None,
        nodes: 1,
        disk: Estimate::declared(Bytes::gib(2.0)),
        network: Estimate::declared(Bytes::gib(1.0)),
        work: Work::Time(Estimate::declared(Seconds(60.0))),
        run_time_bounds: (None, None),
        storage: Vec::new(),
        load: step.serving.as_ref().map(|_| load()),
        parallel: 1,
        items: 1,
        runs_per_month: 30.0,
        learned: None,
    });
    ProfiledGraph {
        graph,
        steps: steps.collect(),
        data: graph
            .data
            .iter()
            .map(|_| Estimate::declared(Bytes::gib(1.0)))
            .collect(),
    }
}

fn load() -> Load {
    let busy = |hour: usize| hour / 24 < 5 && (8..18).contains(&(hour % 24));
    Load {
        curve: (0..168)
            .map(|hour| PerSecond(if busy(hour) { 100.0 } else { 5.0 }))
            .collect(),
        timezone: "Europe/Lisbon".to_owned(),
        per_replica: Estimate::declared(PerSecond(20.0)),
        replicas: (0..168).map(|hour| if busy(hour) { 5 } else { 1 }).collect(),
        bounds: (1, 10),
        service_time: Estimate::declared(Seconds(0.02)),
    }
}

/// Everything on one pool in `aws.eu-west-1`.
pub fn plan<'g>(profiled: &'g ProfiledGraph<'g>) -> Plan<'g> {
    let assignment = |profile: &Profile| Assignment {
        step: profile.step,
        site: SiteId(0),
        pool: PoolId(0),
        machines: 1,
        item: crate::place::model::ItemRun::default(),
        duration: Seconds(60.0),
        duration_p95: Seconds(90.0),
        ends: Seconds(90.0),
        monthly: MicroUsd::ZERO,
        monthly_p95: MicroUsd::ZERO,
        because: String::new(),
        runner_up: None,
        considered: crate::place::model::Considered::default(),
    };
    Plan {
        profiled,
        sites: vec![Site {
            name: "aws.eu-west-1".to_owned(),
            region: Some((Provider::Aws, "eu-west-1".to_owned())),
            cluster: "aws-eu-west-1".to_owned(),
            country: "ie".to_owned(),
            on_premises: false,
            runs: true,
        }],
        pools: vec![Pool {
            site: SiteId(0),
            name: "cpu-m7i-xlarge".to_owned(),
            machine: "m7i.xlarge".to_owned(),
            cores: Cores(4.0),
            memory: Bytes::gib(16.0),
            accelerator: None,
            arch: "amd64".to_owned(),
            pricing: Pricing::OnDemand,
            hourly: MicroUsd::usd(0.2),
            price_basis: String::new(),
            interruption: None,
            bounds: (0, 4),
            reservation: None,
            declared: false,
        }],
        assignments: profiled.steps.iter().map(assignment).collect(),
        moves: Vec::new(),
        homes: profiled.data.iter().map(|_| Some(SiteId(0))).collect(),
        hubs: vec![SiteId(0)],
        promises: Vec::new(),
        cost: Cost::default(),
        solution: Solution::default(),
    }
}

/// Runs `test` on `graph`, placed.
pub fn lowered<T>(graph: &Graph, images: &Images, test: impl FnOnce(&Lowering<'_>) -> T) -> T {
    let profiled = profiled(graph);
    let plan = plan(&profiled);
    let catalog = Catalog::default();
    test(&Lowering {
        plan: &plan,
        catalog: &catalog,
        images,
        templates: &crate::lower::Templates::default(),
    })
}

/// Texts that are code somewhere: in YAML, shells, templates, Kubernetes or terminals.
pub const HOSTILE: &[&str] = &[
    "",
    " leading and trailing ",
    "a\"b'c`d",
    "line\nbreak\r\n\ttab",
    "${x} $(HOME) $$(HOME) $x $",
    "{{x}} {{{y}}} {{=1+1}} {{inputs.parameters.x}} }} {",
    "%{ if true }",
    "---\n- a: b",
    ": ",
    "# no comment",
    "null",
    "~",
    "yes",
    "on",
    "0123",
    "0o17",
    "1_000",
    "1e3",
    ".5",
    "0x1F",
    "1:30",
    "2026-11-23",
    "!!str x",
    "&a *a",
    "<<",
    "=",
    "\\",
    "\\n",
    "\u{0}",
    "\u{7}\u{1b}[31m",
    "\u{85}\u{2028}\u{feff}",
    "héllo 世界 🦀",
    "| block",
    "> folded",
    "@at",
    "%percent",
    "trailing:",
    "- item",
    "[a, b]",
];
