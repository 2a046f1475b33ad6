//! Prometheus, Alertmanager and somebody who is paged, for the time of one fault.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::blessed;

/// Both servers and what came of them; dropping it stops them and removes their files.
pub struct Servers {
    folder: PathBuf,
    running: Vec<Child>,
    alertmanager: u16,
    pages: Arc<Mutex<Vec<String>>>,
}

impl Servers {
    /// Starts both on samples that end now, with the rules of all examples.
    pub fn start(tools: &Path, name: &str, samples: &str) -> Servers {
        let folder = std::env::temp_dir().join(format!(
            "portolan-storm-{}-{}",
            std::process::id(),
            name.replace(' ', "-")
        ));
        fs::create_dir_all(&folder).unwrap();
        let pages = Arc::new(Mutex::new(Vec::new()));
        let hook = listen(Arc::clone(&pages));
        let (prometheus, alertmanager) = (free_port(), free_port());
        fs::write(folder.join("samples.txt"), samples).unwrap();
        let filled = Command::new(tools.join("promtool"))
            .args(["tsdb", "create-blocks-from", "openmetrics", "samples.txt", "data"])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(
            filled.status.success(),
            "{}",
            String::from_utf8_lossy(&filled.stderr)
        );
        fs::write(folder.join("prometheus.yml"), scraping(alertmanager).to_string()).unwrap();
        fs::write(folder.join("alertmanager.yml"), routing(hook).to_string()).unwrap();
        let mut servers = Servers {
            folder,
            running: Vec::new(),
            alertmanager,
            pages,
        };
        let address = format!("--web.listen-address=127.0.0.1:{alertmanager}");
        let own = [
            "--config.file=alertmanager.yml",
            "--storage.path=alerts",
            "--cluster.listen-address=",
        ];
        servers.run(&tools.join("alertmanager"), &[&own[..], &[&address]].concat());
        let address = format!("--web.listen-address=127.0.0.1:{prometheus}");
        let own = [
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--storage.tsdb.retention.time=30d",
            // The first evaluation comes before the two have met.
            "--rules.alert.resend-delay=5s",
        ];
        servers.run(&tools.join("prometheus"), &[&own[..], &[&address]].concat());
        servers
    }

    fn run(&mut self, program: &Path, arguments: &[&str]) {
        let log = fs::File::create(self.folder.join(format!("log-{}", self.running.len()))).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.running.push(child);
    }

    /// Names of the alerts of all pages, after what is generated as `for` and `group_wait` has passed twice.
    pub fn pages_after_the_storm(&mut self) -> Vec<String> {
        for _ in 0..60 {
            thread::sleep(Duration::from_secs(3));
            if !self.pages.lock().unwrap().is_empty() {
                // A second page would follow as closely as its rule is evaluated.
                thread::sleep(Duration::from_secs(20));
                break;
            }
        }
        self.pages.lock().unwrap().clone()
    }

    /// Names of the alerts that Alertmanager knows and holds back because of others.
    pub fn suppressed(&self) -> Vec<String> {
        let address = format!("http://127.0.0.1:{}/api/v2/alerts", self.alertmanager);
        let text = ureq::get(&address)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let alerts: Vec<Value> = serde_json::from_str(&text).unwrap();
        let held = alerts.iter().filter(|alert| {
            alert["status"]["state"] == "suppressed" && alert["status"]["inhibitedBy"] != json!([])
        });
        held.map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The rules of all examples. JSON is YAML.
fn scraping(alertmanager: u16) -> Value {
    let inside = |folder: PathBuf| {
        fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
    };
    let examples = inside(blessed::root().join("snapshots"));
    let clusters = examples.flat_map(|example| inside(example.join("monitoring")));
    let rules = clusters.map(|cluster| cluster.join("rules.yaml"));
    let rules: Vec<PathBuf> = rules.filter(|path| path.is_file()).collect();
    json!({
        "global": {"evaluation_interval": "5s"},
        "rule_files": rules,
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [format!("127.0.0.1:{alertmanager}")]}]}]},
    })
}

/// The generated configuration, with the test in place of people.
fn routing(hook: u16) -> Value {
    let path = blessed::root().join("snapshots/cancer-risk/monitoring/aws-eu-west-1/alertmanager.yaml");
    let mut config: Value = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    config.as_object_mut().unwrap().remove("global");
    for receiver in config["receivers"].as_array_mut().unwrap() {
        let name = receiver["name"].as_str().unwrap().to_owned();
        let url = format!("http://127.0.0.1:{hook}/{name}");
        *receiver = match name.as_str() {
            "nobody" => json!({"name": name}),
            _ => json!({"name": name, "webhook_configs": [{"url": url, "send_resolved": false}]}),
        };
    }
    config
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Whoever is paged: keeps the names of alerts sent to receivers of pages.
fn listen(pages: Arc<Mutex<Vec<String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (path, body) = receive(&mut stream.unwrap());
            let Ok(body) = serde_json::from_str::<Value>(&body) else {
                continue;
            };
            if path.ends_with("/page") {
                let alerts = body["alerts"].as_array().unwrap();
                let names = alerts
                    .iter()
                    .map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_owned());
                pages.lock().unwrap().extend(names);
            }
        }
    });
    port
}

/// Path and body of one request, which is answered.
fn receive(stream: &mut TcpStream) -> (String, String) {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap_or(0);
        text.extend_from_slice(&part[..count]);
        let whole = String::from_utf8_lossy(&text);
        let (head, body) = whole.split_once("\r\n\r\n").unwrap_or((&whole, ""));
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        let expected: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        if count == 0 || (body.len() >= expected && whole.contains("\r\n\r\n")) {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = body.to_owned();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return (path, body);
        }
    }
}
