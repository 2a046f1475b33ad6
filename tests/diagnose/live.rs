//! Servers that answer from a thread: whole answers, half ones, refusals, and none.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use portolan::diag::Code;

use super::command::{AT, Folder, alerts, answer, measured, plan};
use crate::blessed;

/// A server that gives to each request what `answer` says of its path and body, until the test ends.
fn serve(answer: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut path) = (0, String::new());
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if path.is_empty() {
                    path = line.split(' ').nth(1).unwrap().to_owned();
                }
                let header = line.to_lowercase();
                let given = header.strip_prefix("content-length:");
                length = given.map_or(length, |n| n.trim().parse().unwrap());
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let said = answer(&path, &String::from_utf8(body).unwrap());
            let _ = stream.get_mut().write_all(said.as_bytes());
        }
    });
    address
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Prometheus' form of the alerts, none of which fires there.
const NO_ALERTS: &str = r#"{"status": "success", "data": {"alerts": []}}"#;
const NO_SERIES: &str = r#"{"status": "success", "data": {"resultType": "matrix", "result": []}}"#;

#[test]
fn a_live_prometheus_is_asked_around_the_first_page() {
    let folder = Folder::new("live");
    folder.write("plan.json", plan());
    let prometheus = serve(|path, body| {
        let asked = body.contains(&format!("start={}", AT - 21_600.0)) && body.contains("step=60");
        match path {
            "/api/v1/alerts" => ok(NO_ALERTS),
            "/api/v1/query_range" if asked && body.contains("kube_node_labels") => {
                ok(&answer(&measured()[..2]).replace("\"__name__\":\"machines_ready\",", ""))
            }
            "/api/v1/query_range" if asked && body.contains("used_cores") => ok(&answer(&measured()[2..])),
            "/api/v1/query_range" if asked => ok(NO_SERIES),
            _ => panic!("{path} {body}"),
        }
    });
    let alertmanager = serve(|_, _| ok(&alerts()));
    let given = [
        "--plan",
        "plan.json",
        "--prometheus",
        &prometheus,
        "--alertmanager",
        &alertmanager,
    ];
    let (code, data, messages) = folder.said(&given);
    assert_eq!(code, 0, "{messages}");
    assert!(
        data.contains("causes: 1") && data.contains("machines_ready 8.032 -> 0 ("),
        "{data}"
    );
    assert!(data.contains("  1  lab/cpu"), "{data}");
    assert!(!messages.contains("server."), "{messages}");
}

#[test]
fn what_one_server_does_not_say_the_other_may() {
    let folder = Folder::new("faults");
    folder.write("plan.json", plan());
    let alertmanager = serve(|_, _| ok(&alerts()));
    let cases: [(Code, String); 4] = [
        (Code::ServerUnreachable, "http://127.0.0.1:1".to_owned()),
        (
            Code::ServerRefused,
            serve(|_, _| "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\n\r\nstarting".to_owned()),
        ),
        (
            Code::ServerAnswer,
            serve(|_, _| "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"data\"".to_owned()),
        ),
        (Code::ServerAnswer, serve(|_, _| ok("<html>sign in</html>"))),
    ];
    for (expected, prometheus) in &cases {
        let given = ["--plan", "plan.json", "--prometheus", prometheus];
        let (code, data, messages) =
            folder.said(&[given.as_slice(), &["--alertmanager", &alertmanager]].concat());
        assert!(
            code == 0 && data.contains("1. lab/cpu"),
            "{expected}: {data}{messages}"
        );
        assert!(messages.contains(expected.name()), "{expected}: {messages}");
        let (code, data, messages) = folder.said(&given);
        assert!(code == 2 && data.is_empty(), "{expected}: {data}");
        assert!(
            messages.contains("nothing is known of the incident"),
            "{messages}"
        );
    }
}

#[test]
fn an_answer_that_may_not_be_whole_is_used_and_a_query_that_fails_is_left_out() {
    let folder = Folder::new("half");
    folder.write("plan.json", plan());
    let prometheus = serve(|path, body| match path {
        "/api/v1/alerts" => ok(NO_ALERTS),
        _ if body.contains("kube_node_labels") => {
            let whole = answer(&measured()[..2]);
            ok(&whole.replacen('{', r#"{"warnings": ["store lab is silent"], "#, 1))
        }
        _ => {
            let why = r#"{"status": "error", "errorType": "timeout", "error": "query timed out"}"#;
            let length = why.len();
            format!("HTTP/1.1 503 Service Unavailable\r\nContent-Length: {length}\r\n\r\n{why}")
        }
    });
    let at = AT.to_string();
    let given = ["--plan", "plan.json", "--prometheus", &prometheus, "--at", &at];
    let (code, data, messages) = folder.said(&given);
    assert_eq!(code, 0, "{messages}");
    assert!(data.contains("lab/cpu"), "{data}");
    assert!(
        messages.contains("store lab is silent") && messages.contains("query timed out"),
        "{messages}"
    );
}

/// The blocks of a page, by the word after their backquotes.
fn blocks(code: Code, heading: &str) -> Vec<(String, String)> {
    let section = code.page().split(heading).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```").skip(1).step_by(2);
    blocks
        .map(|block| {
            let (info, text) = block.split_once('\n').unwrap();
            (info.split(' ').next_back().unwrap().to_owned(), text.to_owned())
        })
        .collect()
}

#[test]
fn the_pages_about_servers_show_answers_that_do_what_they_say() {
    let folder = Folder::new("pages");
    folder.write("plan.json", plan());
    for code in [Code::ServerRefused, Code::ServerAnswer] {
        for (heading, expected) in [("## Example", true), ("## Fix", false)] {
            let (_, text) = blocks(code, heading).remove(0);
            let (head, body) = text.split_once("\n\n").unwrap();
            let raw = format!(
                "{}\r\nConnection: close\r\n\r\n{}",
                head.replace('\n', "\r\n"),
                body.trim_end()
            );
            let server = serve(move |_, _| raw.clone());
            let (_, _, messages) = folder.said(&["--plan", "plan.json", "--alertmanager", &server]);
            assert_eq!(
                messages.contains(code.name()),
                expected,
                "{code} {heading}: {messages}"
            );
            if expected {
                blessed::check(
                    format!("tests/errors/{code}.txt"),
                    &messages.replace(&server, "http://lab:9093"),
                );
            }
        }
    }
    let (_, _, messages) = folder.said(&["--plan", "plan.json", "--alertmanager", "http://127.0.0.1:1"]);
    blessed::check("tests/errors/server.unreachable.txt", &messages);
}

#[test]
fn the_pages_about_measurements_show_files_that_do_what_they_say() {
    for code in [Code::MetricsUnmatched, Code::MetricsClock] {
        for (heading, expected) in [("## Example", true), ("## Fix", false)] {
            let folder = Folder::new("files");
            for (name, text) in blocks(code, heading) {
                folder.write(&name, text);
            }
            let given = [
                "--metrics",
                "metrics.csv",
                "--graph",
                "graph.json",
                "--at",
                "1700000030",
            ];
            let (_, _, messages) = folder.said(&given);
            assert_eq!(
                messages.contains(code.name()),
                expected,
                "{code} {heading}: {messages}"
            );
            if expected {
                blessed::check(format!("tests/errors/{code}.txt"), &messages);
            }
        }
    }
}
