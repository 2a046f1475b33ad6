//! Asking a server, which here answers from a thread.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use super::Folder;

/// A server that answers each of `count` queries with the use of one pod, and gives back what it was asked.
fn prometheus(count: usize) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || {
        let mut asked = String::new();
        for stream in listener.incoming().take(count) {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let header = line.to_lowercase();
                length = header
                    .strip_prefix("content-length:")
                    .map_or(length, |n| n.trim().parse().unwrap());
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            let metric = body.split("query=").nth(1).unwrap().split("%7B").next().unwrap();
            let series = serde_json::json!({
                "metric": {"__name__": metric, "pod": "run-1-clean-2", "container": "main"},
                "values": [[1_777_600_060, "100"], [1_777_600_120, "300"]],
            });
            let answer = serde_json::json!({"data": {"result": [series]}}).to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                answer.len()
            );
            stream
                .get_mut()
                .write_all(format!("{head}{answer}").as_bytes())
                .unwrap();
            asked += &format!("{body}\n");
        }
        asked
    };
    (address, std::thread::spawn(serve))
}

#[test]
fn a_prometheus_server_is_asked_for_what_attempts_lack_and_only_when_it_is_named() {
    let folder = Folder::new("prometheus");
    folder.write(
        "runs.csv",
        "id,run,pipeline,step,pod,started,seconds\nx,r,p,clean,run-1-clean-2,2026-05-01T02:00:00Z,120\n",
    );
    folder.said(&["history", "import", "runs.csv"]);
    let (address, server) = prometheus(8);
    folder.said(&["history", "import", "--prometheus", &address]);
    let asked = server.join().unwrap();
    assert!(
        asked
            .lines()
            .all(|query| query.contains("run-1-clean-2") && query.contains("start=1777600740")),
        "{asked}"
    );
    let table = folder.said(&["history", "export"]);
    let cells: Vec<(&str, &str)> = table
        .lines()
        .next()
        .unwrap()
        .split(',')
        .zip(table.lines().nth(1).unwrap().split(','))
        .collect();
    assert!(
        cells.contains(&("memory_peak_bytes", "300")) && cells.contains(&("seconds", "120")),
        "{table}"
    );
    let unreachable = folder.run(&[
        "history",
        "import",
        "runs.csv",
        "--prometheus",
        "http://127.0.0.1:1",
    ]);
    assert!(
        unreachable.status.success(),
        "nothing is asked when nothing lacks"
    );
}
