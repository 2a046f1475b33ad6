//! `diagnose --plan`: alerts, and measurements around them, from servers or saved answers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::heard::Heard;
use super::server::{self, Asker};
use crate::diag::Code;
use crate::diagnose::alerts::{self, Alert, Told};
use crate::diagnose::range::{self, Answer, Window};
use crate::diagnose::{Calls, Topology};
use crate::lower::monitoring::questions;

/// Where alerts come from, and the plan that they are about.
#[derive(Args, Clone, Debug)]
#[group(id = "storm")]
pub struct Options {
    /// Group alerts by cause along this `plan.json`, and measurements by its steps, pools and clusters
    #[arg(long, value_name = "JSON")]
    plan: Option<PathBuf>,
    /// A saved answer of Prometheus' /api/v1/alerts or Alertmanager's /api/v2/alerts
    #[arg(long, value_name = "JSON", requires = "plan")]
    alerts: Vec<PathBuf>,
    #[command(flatten)]
    servers: server::Options,
}

/// A plan and what is known of its trouble.
pub struct Storm {
    /// What may fail.
    pub topology: Topology,
    /// The same as dependencies.
    pub calls: Calls,
    /// What alerts; `None` if nobody told, which is not the same as silence.
    pub told: Option<Told>,
    asker: Asker,
    prometheus: Option<String>,
}

impl Options {
    /// Reads the plan and gathers alerts; `None` if no plan is given. What cannot be used is reported, and the rest is used.
    ///
    /// # Errors
    /// Says which file could not be opened.
    pub fn gather(&self, heard: &mut Heard) -> Result<Option<Storm>, String> {
        let Some(plan) = &self.plan else {
            return Ok(None);
        };
        let name = plan.display();
        let topology =
            Topology::read(&open(plan)?).map_err(|error| format!("{name}: no plan.json: {error}"))?;
        let mut storm = Storm {
            calls: topology.calls(),
            topology,
            told: None,
            asker: self.servers.asker()?,
            prometheus: self.servers.prometheus.clone(),
        };
        for path in &self.alerts {
            storm.listen(&path.display().to_string(), &open(path)?, heard);
        }
        if let Some(url) = storm.prometheus.clone() {
            storm.ask(&url, "/api/v1/alerts", heard);
        }
        if let Some(url) = &self.servers.alertmanager {
            storm.ask(url, "/api/v2/alerts", heard);
        }
        storm.strangers(heard);
        Ok(Some(storm))
    }
}

fn open(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

impl Storm {
    fn ask(&mut self, url: &str, path: &str, heard: &mut Heard) {
        match self.asker.get(url, path) {
            Ok(text) => self.listen(url, &text, heard),
            Err(fault) => {
                // Who cannot be reached is not asked for measurements, too.
                if fault.code == Code::ServerUnreachable && self.prometheus.as_deref() == Some(url) {
                    self.prometheus = None;
                }
                heard.fault(&fault);
            }
        }
    }

    fn listen(&mut self, name: &str, text: &str, heard: &mut Heard) {
        match alerts::read(text) {
            Ok(told) => self.told.get_or_insert_default().add(told),
            Err(error) => heard.say(
                Code::ServerAnswer,
                name,
                &format!("{name}: these are no alerts: {error}"),
            ),
        }
    }

    /// Says which alerts the plan has no place for.
    fn strangers(&self, heard: &mut Heard) {
        let alerts = self.told.iter().flat_map(|told| &told.alerts);
        let strange: BTreeSet<&str> = alerts
            .filter(|alert| alert.about(&self.topology).is_none())
            .map(Alert::name)
            .collect();
        heard.unmatched(
            "alerts",
            "the plan knows nothing that these alerts are about",
            strange,
        );
    }

    /// What Prometheus measured around `at`, each answer with what it is about; none if no server is known. An answer that is
    /// missing leaves the others as they are.
    pub fn measured(&self, at: f64, heard: &mut Heard) -> Vec<(String, Answer)> {
        let Some(url) = &self.prometheus else {
            return Vec::new();
        };
        let window = Window::around(at);
        let pipelines: Vec<&str> = self.topology.pipelines().collect();
        let mut answers = Vec::new();
        for question in questions::about(&pipelines) {
            let form = [
                ("query", question.query),
                ("start", window.start.to_string()),
                ("end", window.end.to_string()),
                ("step", window.step.to_string()),
            ];
            let told = match self.asker.post(url, "/api/v1/query_range", &form) {
                Ok(text) => heard.range(url, &text),
                Err(fault) => {
                    heard.fault(&fault);
                    if fault.code == Code::ServerUnreachable {
                        break;
                    }
                    None
                }
            };
            answers.extend(told.map(|answer| (question.metric.to_owned(), answer)));
        }
        answers
    }
}

impl Heard {
    /// Reads the answer of a range query and reports what it lacks.
    pub fn range(&mut self, name: &str, text: &str) -> Option<Answer> {
        match range::read(text) {
            Err(error) => self.say(
                Code::ServerAnswer,
                name,
                &format!("{name}: this is no answer of a range query: {error}"),
            ),
            Ok(Answer { error: Some(why), .. }) => {
                self.say(Code::ServerRefused, name, &format!("{name}: {why}"));
            }
            Ok(answer) => {
                for warning in &answer.warnings {
                    self.say(
                        Code::ServerAnswer,
                        name,
                        &format!("{name} may not give all: {warning}"),
                    );
                }
                return Some(answer);
            }
        }
        None
    }
}
