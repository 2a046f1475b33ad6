//! A client that speaks to the program over its standard input and output, as an editor does.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// A session.
pub struct Client {
    folder: PathBuf,
    program: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    requests: i32,
    /// How often the server has said that there are other hints.
    refreshes: u32,
    /// What was published last, by address.
    published: BTreeMap<String, Vec<Value>>,
}

impl Client {
    /// Starts the program and shakes hands.
    pub fn start(folder: &Path) -> Client {
        let mut program = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let to = program.stdin.take().expect("its input");
        let from = BufReader::new(program.stdout.take().expect("its output"));
        let mut client = Client {
            folder: folder.to_owned(),
            program,
            to,
            from,
            requests: 0,
            refreshes: 0,
            published: BTreeMap::new(),
        };
        let capabilities = json!({ "workspace": { "inlayHint": { "refreshSupport": true } } });
        let answer = client.ask("initialize", &json!({ "capabilities": capabilities }));
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
        client.tell("initialized", json!({}));
        client
    }

    /// The address of a file of the project.
    pub fn address(&self, file: &str) -> String {
        format!("file://{}", self.folder.join(file).display())
    }

    /// The same as a parameter.
    pub fn document(&self, file: &str) -> Value {
        json!({ "uri": self.address(file) })
    }

    /// Shows a document.
    pub fn open(&mut self, file: &str, text: &str) {
        let document =
            json!({ "uri": self.address(file), "languageId": "portolan", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Gives a document another text.
    pub fn change(&mut self, file: &str, text: &str) {
        let document = json!({ "uri": self.address(file), "version": 2 });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// The diagnostics of a file as they are now: what was sent before the next answer.
    pub fn diagnostics(&mut self, file: &str) -> Vec<Value> {
        let document = self.document(file);
        self.ask("textDocument/foldingRange", &json!({ "textDocument": document }));
        self.published
            .get(&self.address(file))
            .cloned()
            .unwrap_or_default()
    }

    /// Labels of what can be written at a place.
    pub fn labels(&mut self, file: &str, line: u32, character: u32) -> Vec<String> {
        let items = self.at("textDocument/completion", file, line, character);
        let labels = items.as_array().into_iter().flatten();
        labels
            .filter_map(|item| Some(item["label"].as_str()?.to_owned()))
            .collect()
    }

    /// The edits of a rename, or why there are none.
    pub fn rename(&mut self, file: &str, line: u32, character: u32, name: &str) -> Value {
        let params = json!({
            "textDocument": self.document(file),
            "position": { "line": line, "character": character },
            "newName": name,
        });
        self.ask("textDocument/rename", &params)
    }

    /// The first hint of a file, once there is one: the server says when.
    pub fn hint(&mut self, file: &str) -> String {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
        let params = json!({ "textDocument": self.document(file), "range": range });
        loop {
            let before = self.refreshes;
            let hints = self.ask("textDocument/inlayHint", &params);
            if let Some(label) = hints[0]["label"].as_str() {
                return label.to_owned();
            }
            while self.refreshes == before {
                self.next();
            }
        }
    }

    /// Asks about a place.
    pub fn at(&mut self, method: &str, file: &str, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        self.ask(
            method,
            &json!({ "textDocument": self.document(file), "position": position }),
        )
    }

    /// The answer to a request, or the error.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        let request = Request::new(id.clone(), method.to_owned(), params);
        Message::from(request)
            .write(&mut self.to)
            .expect("the program listens");
        loop {
            if let Message::Response(response) = self.next()
                && response.id == id
            {
                let refused = |error| serde_json::to_value(error).unwrap();
                return response.response_result.unwrap_or_else(refused);
            }
        }
    }

    fn next(&mut self) -> Message {
        let message = Message::read(&mut self.from)
            .expect("a message")
            .expect("the program lives");
        if let Message::Request(asked) = &message
            && asked.method == "workspace/inlayHint/refresh"
        {
            self.refreshes += 1;
        }
        if let Message::Notification(notice) = &message
            && notice.method == "textDocument/publishDiagnostics"
        {
            let address = notice.params["uri"].as_str().unwrap_or_default().to_owned();
            let found = notice.params["diagnostics"].as_array().cloned();
            self.published.insert(address, found.unwrap_or_default());
        }
        message
    }

    fn tell(&mut self, method: &str, params: Value) {
        let notice = Notification::new(method.to_owned(), params);
        Message::from(notice)
            .write(&mut self.to)
            .expect("the program listens");
    }

    /// Says goodbye; the program ends as it should.
    pub fn end(mut self) {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", Value::Null);
        let status = self.program.wait().expect("it ends");
        assert_eq!(status.code(), Some(0));
    }
}
