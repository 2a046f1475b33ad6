//! Asking Prometheus and Alertmanager, and telling apart what goes wrong: nobody there, a refusal, half an answer.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::diag::Code;

/// A server that says nothing for so long counts as not reached: somebody is waiting, and another may answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read: 10,000 series of 420 values are a tenth of it.
const LONGEST: u64 = 1 << 30;

/// So much of what a server says in refusing is shown, in characters.
const SHOWN: usize = 200;

/// The servers.
#[derive(Args, Clone, Debug)]
#[group(id = "servers")]
pub struct Options {
    /// Ask this Prometheus which alerts fire, and what was measured around --at
    #[arg(long, value_name = "URL", requires = "plan")]
    pub prometheus: Option<String>,
    /// Ask this Alertmanager which alerts it knows
    #[arg(long, value_name = "URL", requires = "plan")]
    pub alertmanager: Option<String>,
    /// A file with the bearer token that the servers want
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Why there is no answer, or only a part of one.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `server.…`
    pub code: Code,
    /// Who, and why.
    pub message: String,
}

/// What asks.
pub struct Asker {
    agent: Agent,
    token: Option<String>,
}

impl Options {
    /// Reads the token.
    ///
    /// # Errors
    /// Says why its file cannot be read.
    pub fn asker(&self) -> Result<Asker, String> {
        let token = self.token_file.as_ref().map(std::fs::read_to_string).transpose();
        let token = token.map_err(|error| format!("the token file: {error}"))?;
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // A refusal says why in its body.
            .http_status_as_error(false);
        Ok(Asker {
            agent: config.build().new_agent(),
            token: token.map(|token| format!("Bearer {}", token.trim())),
        })
    }
}

impl Asker {
    /// What stands at `path` of the server at `url`.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn get(&self, url: &str, path: &str) -> Result<String, Fault> {
        let address = address(url, path);
        let mut request = self.agent.get(&address);
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        read(&address, request.call())
    }

    /// What the server at `url` answers to a form sent to `path`.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn post(&self, url: &str, path: &str, form: &[(&str, String)]) -> Result<String, Fault> {
        let address = address(url, path);
        let mut request = self.agent.post(&address);
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        read(&address, request.send_form(form.iter().cloned()))
    }
}

fn address(url: &str, path: &str) -> String {
    format!("{}{path}", url.trim_end_matches('/'))
}

fn read(address: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<String, Fault> {
    let fault = |code, why: String| Fault {
        code,
        message: format!("{address}: {why}"),
    };
    let mut answer = answer.map_err(|error| fault(Code::ServerUnreachable, error.to_string()))?;
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(LONGEST).read_to_string();
    if !status.is_success() {
        let said = text.as_deref().map(reason).unwrap_or_default();
        return Err(fault(Code::ServerRefused, format!("HTTP {status}{said}")));
    }
    text.map_err(|error| fault(Code::ServerAnswer, format!("the answer breaks off: {error}")))
}

/// What a refusal says: the `error` of Prometheus' JSON, else its first line.
fn reason(text: &str) -> String {
    let said = serde_json::from_str::<serde_json::Value>(text).ok();
    let error = said.as_ref().and_then(|said| said.get("error")?.as_str());
    let line = error.or_else(|| text.lines().next()).unwrap_or_default().trim();
    if line.is_empty() {
        return String::new();
    }
    format!(": {}", line.chars().take(SHOWN).collect::<String>())
}
