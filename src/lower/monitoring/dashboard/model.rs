//! The part of Grafana's dashboard schema that is written (`@grafana/schema`, `dashboard_types`), and the ConfigMaps that
//! carry dashboards to it. Names of ours have no `$`, so in texts with them Grafana finds no variable that is not meant.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::lower::names;

/// Version of the schema: Grafana 10's; newer ones migrate it.
const SCHEMA: u32 = 39;

/// Which Prometheus: the one chosen at the top of the dashboard.
const SOURCE: &str = "${source}";

/// A dashboard.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    uid: String,
    title: String,
    tags: Vec<&'static str>,
    schema_version: u32,
    editable: bool,
    refresh: &'static str,
    time: BTreeMap<&'static str, &'static str>,
    templating: Templating,
    panels: Vec<Panel>,
}

#[derive(Clone, Debug, Serialize)]
struct Templating {
    list: Vec<Variable>,
}

impl Dashboard {
    /// The dashboard of a pipeline over the last two days.
    pub fn new(pipeline: &str, variables: Vec<Variable>, panels: Vec<Panel>) -> Dashboard {
        Dashboard {
            uid: names::name(names::Service::Dashboard, &["portolan", pipeline]),
            title: pipeline.to_owned(),
            tags: vec!["portolan"],
            schema_version: SCHEMA,
            editable: true,
            refresh: "1m",
            time: BTreeMap::from([("from", "now-2d"), ("to", "now")]),
            templating: Templating { list: variables },
            panels,
        }
    }
}

/// Something to choose at the top.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    datasource: Option<Source>,
    refresh: u8,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    multi: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_all: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_value: Option<&'static str>,
}

/// When the range of time changes: what is shown is what was there then.
const REFRESH: u8 = 2;

impl Variable {
    /// Which Prometheus is asked: the hub's sees all that is recorded, a cluster's also its pods.
    pub fn source() -> Variable {
        Variable {
            name: "source",
            kind: "datasource",
            query: "prometheus".to_owned(),
            datasource: None,
            refresh: 1,
            multi: false,
            include_all: false,
            all_value: None,
        }
    }

    /// Values of a label; all of them at first.
    pub fn query(name: &'static str, query: &str) -> Variable {
        Variable {
            name,
            kind: "query",
            query: query.to_owned(),
            datasource: Some(Source::default()),
            refresh: REFRESH,
            multi: true,
            include_all: true,
            all_value: Some(".*"),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct Source {
    #[serde(rename = "type")]
    kind: &'static str,
    uid: &'static str,
}

impl Default for Source {
    fn default() -> Source {
        Source {
            kind: "prometheus",
            uid: SOURCE,
        }
    }
}

/// A picture, or the heading of a row.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// Unique on the dashboard.
    pub id: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    /// Where it stands.
    pub grid_pos: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    datasource: Option<Source>,
    /// What is asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_per_row: Option<u32>,
    /// Of a heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    collapsed: Option<bool>,
    #[serde(skip)]
    unit: &'static str,
    /// Panels that are inside a heading: none, they follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    panels: Option<[(); 0]>,
}

/// In columns and rows of the grid.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Place {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// One query.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    ref_id: String,
    /// PromQL, with `$step` and `$kpi` in it.
    pub expr: String,
    legend_format: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    instant: bool,
}

impl Panel {
    /// A picture of queries, each with its legend; `unit` as Grafana calls it.
    pub fn new(kind: &'static str, title: &str, unit: &'static str, (w, h): (u32, u32)) -> Panel {
        Panel {
            id: 0,
            kind,
            title: title.to_owned(),
            grid_pos: Place { w, h, x: 0, y: 0 },
            datasource: Some(Source::default()),
            targets: Vec::new(),
            field_config: Some(json!({"defaults": {"unit": unit}, "overrides": []})),
            options: None,
            repeat: None,
            max_per_row: None,
            collapsed: None,
            unit,
            panels: None,
        }
    }

    /// A heading.
    pub fn row(title: &str, y: u32) -> Panel {
        Panel {
            field_config: None,
            datasource: None,
            collapsed: Some(false),
            panels: Some([]),
            grid_pos: Place {
                x: 0,
                y,
                w: super::WIDTH,
                h: 1,
            },
            ..Panel::new("row", title, "", (0, 0))
        }
    }

    /// Adds a query over time.
    pub fn ask(mut self, legend: &str, expr: String) -> Panel {
        let letter = char::from(b'A' + (self.targets.len() % 26) as u8);
        let round = self.targets.len() / 26;
        self.targets.push(Target {
            ref_id: if round == 0 {
                letter.to_string()
            } else {
                format!("{letter}{round}")
            },
            expr,
            legend_format: legend.to_owned(),
            instant: false,
        });
        self
    }

    /// Asks for now only.
    pub fn now(mut self) -> Panel {
        for target in &mut self.targets {
            target.instant = true;
        }
        self
    }

    /// Green below `look`, amber from there, red from `bad` on.
    pub fn steps(mut self, look: f64, bad: f64) -> Panel {
        let steps = json!([
            {"color": "green", "value": null}, {"color": "orange", "value": look}, {"color": "red", "value": bad}]);
        let defaults = json!({
            "unit": self.unit, "min": 0, "color": {"mode": "thresholds"},
            "thresholds": {"mode": "absolute", "steps": steps},
        });
        self.field_config = Some(json!({"defaults": defaults, "overrides": []}));
        self
    }

    /// Settings of its kind.
    pub fn options(mut self, options: Value) -> Panel {
        self.options = Some(options);
        self
    }

    /// Once for each value of a variable, four in a row.
    pub fn each(mut self, variable: &'static str) -> Panel {
        self.repeat = Some(variable);
        self.max_per_row = Some(4);
        self
    }
}

/// What turns files into ConfigMaps: `kubectl apply --kustomize`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    config_map_generator: Vec<ConfigMap>,
    generator_options: Options,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct ConfigMap {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// What is in it, beside the kustomization.
    pub files: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    disable_name_suffix_hash: bool,
    labels: BTreeMap<String, String>,
}

impl Kustomization {
    /// Of these ConfigMaps, labelled for Grafana's sidecar.
    pub fn of(maps: Vec<ConfigMap>) -> Kustomization {
        let mut labels = names::labels(None);
        labels.insert("grafana_dashboard".to_owned(), "1".to_owned());
        Kustomization {
            api_version: "kustomize.config.k8s.io/v1beta1",
            kind: "Kustomization",
            config_map_generator: maps,
            generator_options: Options {
                disable_name_suffix_hash: true,
                labels,
            },
        }
    }
}
