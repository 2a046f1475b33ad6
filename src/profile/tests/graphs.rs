//! Graphs made by hand: everything absent but what a test is about.

use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::model::*;
use crate::profile::{History, Profile, annotate};
use crate::quantity::{Bytes, PerSecond, Percent};
use crate::source::{Span, Spanned};

pub fn here<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

pub fn pipeline() -> Pipeline {
    Pipeline {
        id: PipelineId(0),
        name: here("p".to_string()),
        was: None,
        owner: None,
        description: None,
        schedules: Vec::new(),
        triggers: Vec::new(),
        parameters: Vec::new(),
        steps: Vec::new(),
        data: Vec::new(),
        promises: Vec::new(),
        endpoints: Vec::new(),
        monitor: Monitor::default(),
        overlays: Vec::new(),
    }
}

pub fn data(name: &str) -> DataSet {
    DataSet {
        pipeline: PipelineId(0),
        name: here(name.to_string()),
        was: None,
        description: None,
        store: Store::Bucket,
        at: Vec::new(),
        writers: Vec::new(),
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
        inherited: Default::default(),
        overlays: Vec::new(),
        span: Span::default(),
    }
}

pub fn step(id: u32, kind: StepKind) -> Step {
    Step {
        id: StepId(id),
        pipeline: PipelineId(0),
        name: here(format!("s{id}")),
        was: None,
        description: None,
        kind,
        program: Program::Image(here("i".to_string())),
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
        inherited: Default::default(),
        span: Span::default(),
    }
}

pub fn read(id: u32) -> Read {
    Read {
        data: DataId(id),
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

pub fn write(id: u32) -> Write {
    Write {
        data: DataId(id),
        mount: None,
        at: None,
        size: None,
        rows: None,
        columns: None,
        lifts: Default::default(),
        span: Span::default(),
    }
}

pub fn model(family: &str, properties: &[(&str, f64)], words: &[(&str, &str)]) -> Model {
    let numbers = properties
        .iter()
        .map(|(name, value)| (name.to_string(), here(Scalar::Number(*value))));
    let words = words
        .iter()
        .map(|(name, word)| (name.to_string(), here(Scalar::Text(word.to_string()))));
    Model {
        family: here(family.to_string()),
        properties: numbers.chain(words).collect(),
    }
}

pub fn graph(steps: Vec<Step>, data: Vec<DataSet>) -> Graph {
    Graph {
        pipelines: vec![pipeline()],
        steps,
        data,
        ..Graph::default()
    }
}

pub fn profiled(graph: &Graph) -> (Vec<Profile>, Diagnostics) {
    let mut out = Diagnostics::new();
    let profiled = annotate(graph, &History::default(), &Catalog::built_in(), &mut out);
    (profiled.steps, out)
}

pub fn only(steps: Vec<Profile>) -> Profile {
    steps.into_iter().next().expect("one step")
}

/// One step of `kind` that reads one data set of `size`.
pub fn scan_of(size: Bytes, change: impl Fn(&mut Step)) -> Profile {
    let mut source = data("source");
    source.size = Some(here(size));
    let mut etl = step(0, StepKind::Etl);
    etl.reads = vec![read(0)];
    change(&mut etl);
    only(profiled(&graph(vec![etl], vec![source])).0)
}

pub fn training_of(model: Model, rows: u64, columns: u64, change: impl Fn(&mut Step)) -> Profile {
    let mut table = data("table");
    table.rows = Some(rows);
    table.columns = Some(columns);
    let mut train = step(0, StepKind::Training);
    train.reads = vec![read(0)];
    train.model = Some(model);
    change(&mut train);
    only(profiled(&graph(vec![train], vec![table])).0)
}

pub fn fan_out(items: usize, concurrency: Option<u64>) -> Each {
    let item = |value: usize| Item {
        value: Scalar::Integer(value as i64),
        fields: Vec::new(),
    };
    Each {
        pipeline: PipelineId(0),
        variable: here("item".to_string()),
        parent: None,
        items: Items::Known((0..items).map(item).collect()),
        concurrency,
        tolerate: Tolerance::Items(0),
        early_stop: None,
        span: Span::default(),
    }
}

pub fn traffic(peak: f64, input_tokens: Option<u64>, output_tokens: Option<u64>) -> Traffic {
    Traffic {
        peak: PerSecond(peak),
        mean: None,
        shape: Shape::OfficeHours,
        timezone: "UTC".to_string(),
        input_tokens,
        output_tokens,
        growth: Percent(0.0),
        span: Span::default(),
    }
}
