//! `diagnose --plan`: a storm of alerts, from servers or saved answers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diagnose::alerts::{self, Alert};
use crate::diagnose::{Diagnosis, Topology, storm};
use crate::source::SourceMap;

/// A server that says nothing for so long counts as not reached: somebody is waiting, and the other may answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where alerts come from, and the plan that they are about.
#[derive(Args, Clone, Debug)]
#[group(id = "storm")]
pub struct Options {
    /// Group alerts by cause along this `plan.json`
    #[arg(long, value_name = "JSON")]
    plan: Option<PathBuf>,
    /// A saved answer of Prometheus' /api/v1/alerts or Alertmanager's /api/v2/alerts
    #[arg(long, value_name = "JSON", requires = "plan")]
    alerts: Vec<PathBuf>,
    /// Ask this Prometheus which alerts fire
    #[arg(long, value_name = "URL", requires = "plan")]
    prometheus: Option<String>,
    /// Ask this Alertmanager which alerts it knows
    #[arg(long, value_name = "URL", requires = "plan")]
    alertmanager: Option<String>,
}

impl Options {
    /// What explains the alerts; `None` if no plan is given. What cannot be used is reported, and the rest is used.
    ///
    /// # Errors
    /// Says which file could not be opened, or that nobody answered.
    pub fn explain(
        &self,
        sources: &mut SourceMap,
        out: &mut Diagnostics,
    ) -> Result<Option<Diagnosis>, String> {
        let Some(plan) = &self.plan else {
            return Ok(None);
        };
        let name = plan.display().to_string();
        let topology =
            Topology::read(&open(plan)?).map_err(|error| format!("{name}: no plan.json: {error}"))?;
        let mut told = Vec::new();
        for path in &self.alerts {
            told.push((path.display().to_string(), open(path)?));
        }
        let mut silent = Vec::new();
        for (url, path) in [
            (&self.prometheus, "/api/v1/alerts"),
            (&self.alertmanager, "/api/v2/alerts"),
        ] {
            let Some(url) = url else { continue };
            let address = format!("{}{path}", url.trim_end_matches('/'));
            match ask(&address) {
                Ok(text) => told.push((address, text)),
                Err(why) => silent.push(why),
            }
        }
        if told.is_empty() {
            let none = "give --alerts, --prometheus or --alertmanager".to_owned();
            return Err(if silent.is_empty() {
                none
            } else {
                silent.join("; ")
            });
        }
        for why in silent {
            let source = sources.add(&why, String::new());
            out.push(unusable(
                sources,
                source,
                format!("{why}; the answer rests on the others"),
            ));
        }
        let mut known = BTreeSet::new();
        for (name, text) in told {
            let source = sources.add(&name, text.clone());
            match alerts::read(&text) {
                Ok(read) => known.extend(read),
                Err(error) => out.push(unusable(sources, source, format!("these are no alerts: {error}"))),
            }
        }
        strangers(&known, &topology, sources, out);
        Ok(Some(storm::explain(&topology, &known)))
    }
}

fn open(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn ask(address: &str) -> Result<String, String> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent();
    let answer = agent.get(address).call();
    let text = answer.and_then(|mut answer| answer.body_mut().read_to_string());
    text.map_err(|error| format!("{address}: {error}"))
}

/// Says which alerts the plan has no place for.
fn strangers(known: &BTreeSet<Alert>, topology: &Topology, sources: &mut SourceMap, out: &mut Diagnostics) {
    let strange: BTreeSet<&str> = known
        .iter()
        .filter(|alert| alert.about(topology).is_none())
        .map(Alert::name)
        .collect();
    if strange.is_empty() {
        return;
    }
    let names: Vec<&str> = strange.into_iter().collect();
    let source = sources.add("alerts", names.join("\n"));
    let message = format!(
        "the plan knows nothing that these alerts are about: {}",
        names.join(", ")
    );
    out.push(unusable(sources, source, message));
}

fn unusable(sources: &SourceMap, source: crate::source::SourceId, message: String) -> Diagnostic {
    Diagnostic::new(Code::MetricsRow, sources.line(source, 1), "not used", message)
}
