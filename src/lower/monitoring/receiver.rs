//! Receivers of Alertmanager: how each way of the language reaches people.

use serde::Serialize;

use super::promql::inert;
use crate::graph::Way;
use crate::lower::names;

/// A named receiver.
#[derive(Clone, Debug, Serialize)]
pub struct Receiver {
    /// `TEAM/SEVERITY`
    pub name: String,
    /// How it is reached.
    #[serde(flatten)]
    pub ways: Integrations,
}

/// All integrations of one receiver.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Integrations {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pagerduty_configs: Vec<Pagerduty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opsgenie_configs: Vec<Opsgenie>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slack_configs: Vec<Slack>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    email_configs: Vec<Email>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    webhook_configs: Vec<Webhook>,
}

#[derive(Clone, Debug, Serialize)]
struct Pagerduty {
    routing_key_file: String,
    send_resolved: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Opsgenie {
    api_key_file: String,
    send_resolved: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Slack {
    api_url_file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    send_resolved: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Email {
    to: String,
    send_resolved: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Webhook {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_config: Option<Http>,
    send_resolved: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Http {
    authorization: Authorization,
}

#[derive(Clone, Debug, Serialize)]
struct Authorization {
    credentials_file: String,
}

impl Receiver {
    /// True if it sends mail.
    pub fn mails(&self) -> bool {
        !self.ways.email_configs.is_empty()
    }
}

/// The integrations of these ways.
pub fn integrations(ways: &[&Way]) -> Integrations {
    let mut all = Integrations::default();
    for way in ways {
        add(&mut all, way);
    }
    all
}

fn add(all: &mut Integrations, way: &Way) {
    let property = |name: &str| way.properties.get(name).cloned();
    let file = property("secret").map(|secret| path(&secret));
    // The language reference wants a secret for these; without one, the file of the kind's own name is looked for.
    let needed = file.clone().unwrap_or_else(|| path(&way.kind));
    let send_resolved = true;
    match way.kind.as_str() {
        "pagerduty" => all.pagerduty_configs.push(Pagerduty {
            routing_key_file: needed,
            send_resolved,
        }),
        "opsgenie" => all.opsgenie_configs.push(Opsgenie {
            api_key_file: needed,
            send_resolved,
        }),
        "slack" => {
            let channel = property("channel").map(|channel| inert(&channel));
            all.slack_configs.push(Slack {
                api_url_file: needed,
                channel,
                send_resolved,
            });
        }
        "teams" => all
            .webhook_configs
            .push(relay("teams", property("secret").as_deref().unwrap_or("teams"))),
        "email" => {
            let to = inert(&property("to").unwrap_or_default());
            all.email_configs.push(Email { to, send_resolved });
        }
        "github" => all
            .webhook_configs
            .push(relay("github", &property("repository").unwrap_or_default())),
        _ => all
            .webhook_configs
            .push(webhook(property("url"), property("secret"))),
    }
}

/// A secret beside an address is what the request is authorised with; alone, it holds the address, which a relay knows.
fn webhook(url: Option<String>, secret: Option<String>) -> Webhook {
    let Some(url) = url else {
        return relay("webhook", &secret.unwrap_or_default());
    };
    Webhook {
        url,
        http_config: secret.map(|secret| Http {
            authorization: Authorization {
                credentials_file: path(&secret),
            },
        }),
        send_resolved: true,
    }
}

/// A service beside Alertmanager that has the secret and passes alerts on: Alertmanager opens no issues itself
/// (alertmanager-github-receiver does), and up to 0.25, which is what Debian 12 has, it neither speaks to Teams
/// (prometheus-msteams does) nor reads the address of a webhook from a file.
fn relay(kind: &str, whom: &str) -> Webhook {
    let service = names::name(names::Service::Kubernetes, &[kind, whom]);
    webhook(Some(format!("http://{service}:8080/v1/receiver")), None)
}

/// `/etc/alertmanager/secrets/NAME/KEY` for `NAME.KEY`.
fn path(secret: &str) -> String {
    let (name, key) = secret.split_once('.').unwrap_or((secret, "value"));
    let safe = |part: &str| part.replace(['/', '\0'], "-");
    format!("/etc/alertmanager/secrets/{}/{}", safe(name), safe(key))
}
