//! `portolan lsp`: the server for editors, on standard input and output.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use clap::Args;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{Notification as _, PublishDiagnostics};
use lsp_types::request::{InlayHintRefreshRequest, Request as _};
use lsp_types::{InitializeParams, InitializeResult, ServerInfo};

use super::load::{self, Disk};
use super::{Outcome, usage};
use crate::diag::Diagnostics;
use crate::history::{Fitted, open, store};
use crate::lock::Lock;
use crate::lsp::{self, Job, Outlook, Server, capabilities};
use crate::source::SourceMap;

/// Predicting and placing waits until nothing was typed for so long.
const IDLE: Duration = Duration::from_millis(400);

/// Serve an editor on standard input and output
#[derive(Args, Debug)]
pub struct Options {
    /// What editors add to say the same; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

impl lsp::Disk for Disk {
    fn kdl_files(&self, folder: &str) -> Vec<String> {
        let files = load::kdl_files(Path::new(folder)).unwrap_or_default();
        files.iter().map(|file| load::slashes(file)).collect()
    }
}

/// What the server waits for.
enum Event {
    Message(Message),
    Outlook(Outlook),
    End,
}

/// Serves until the client says `exit`.
pub fn run(_: &Options) -> Outcome {
    match serve() {
        Ok(outcome) => outcome,
        Err(error) => usage(&error.to_string()),
    }
}

fn serve() -> io::Result<Outcome> {
    let (connection, threads) = Connection::stdio();
    let (id, params) = connection.initialize_start().map_err(io::Error::other)?;
    let params: InitializeParams = serde_json::from_value(params)?;
    let server = Server::new(Box::new(Disk), &params);
    let result = InitializeResult {
        capabilities: capabilities(server.encoding()),
        server_info: Some(ServerInfo {
            name: "portolan".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    connection
        .initialize_finish(id, serde_json::to_value(result)?)
        .map_err(io::Error::other)?;
    let workspace = params.capabilities.workspace.as_ref();
    let hints = workspace.and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support);
    // The threads end when nobody can send any more.
    let Connection { sender, receiver } = connection;
    let (events, received) = mpsc::channel();
    let jobs = look_beside(events.clone());
    thread::spawn(move || {
        for message in &receiver {
            if events.send(Event::Message(message)).is_err() {
                return;
            }
        }
        let _ = events.send(Event::End);
    });
    let mut session = Session {
        server,
        send: Box::new(move |message| sender.send(message).is_ok()),
        jobs,
        refreshes_hints: hints.unwrap_or(false),
        requests: 0,
        ending: false,
    };
    let outcome = session.run(&received);
    drop(session);
    threads.join()?;
    Ok(outcome)
}

/// A thread that predicts and places; of the jobs that wait, only the last is worth doing.
fn look_beside(events: Sender<Event>) -> Sender<Job> {
    let (jobs, received) = mpsc::channel::<Job>();
    thread::spawn(move || {
        while let Ok(mut job) = received.recv() {
            let mut others = Vec::new();
            while let Ok(next) = received.try_recv() {
                let same = next.folder == job.folder;
                let before = std::mem::replace(&mut job, next);
                others.extend((!same).then_some(before));
            }
            for job in others.into_iter().chain([job]) {
                // A mistake of ours costs this answer and no more.
                if let Ok(outlook) = catch_unwind(AssertUnwindSafe(|| look(job)))
                    && events.send(Event::Outlook(outlook)).is_err()
                {
                    return;
                }
            }
        }
    });
    jobs
}

/// Predicts and places with the lock and the history beside the sources, if they can be read.
fn look(job: Job) -> Outlook {
    let beside = |name: &str| Path::new(&job.folder).join(name);
    let lock = std::fs::read_to_string(beside("portolan.lock")).ok();
    let lock = lock.and_then(|text| Lock::read(&text).ok());
    let past = std::fs::read(beside(store::FILE)).ok();
    let past = past.map(|bytes| {
        open::open(
            &mut SourceMap::default(),
            store::FILE,
            &bytes,
            &mut Diagnostics::new(),
        )
    });
    let fitted = past
        .filter(|past| !past.records.is_empty())
        .map(|past| Fitted::to(&past.records));
    lsp::look(job, &Disk, lock.as_ref(), fitted.as_ref())
}

/// One client.
struct Session {
    server: Server,
    /// False once nobody listens.
    send: Box<dyn Fn(Message) -> bool>,
    jobs: Sender<Job>,
    refreshes_hints: bool,
    requests: i32,
    ending: bool,
}

impl Session {
    fn run(&mut self, events: &Receiver<Event>) -> Outcome {
        loop {
            let event = match events.recv_timeout(IDLE) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Outcome::Usage,
            };
            let Some(event) = event else {
                self.look();
                continue;
            };
            // What has come meanwhile is taken together: of several changes only the last text is checked.
            for event in std::iter::once(event).chain(events.try_iter()) {
                if let Some(outcome) = self.take(event) {
                    return outcome;
                }
            }
            self.settle();
        }
    }

    /// The outcome, once it is over.
    fn take(&mut self, event: Event) -> Option<Outcome> {
        match event {
            Event::Message(Message::Request(request)) if request.method == "shutdown" => {
                self.ending = true;
                (self.send)(Response::new_ok(request.id, ()).into());
            }
            Event::Message(Message::Request(request)) => {
                self.settle();
                self.answer(request);
            }
            Event::Message(Message::Notification(notice)) if notice.method == "exit" => {
                return Some(if self.ending { Outcome::Ok } else { Outcome::Errors });
            }
            Event::Message(Message::Notification(notice)) => {
                if self.server.notice(notice) {
                    self.settle();
                    self.look();
                }
            }
            // Answers to what we asked for say nothing.
            Event::Message(Message::Response(_)) => {}
            Event::Outlook(outlook) => {
                self.server.keep(outlook);
                self.refresh_hints();
            }
            Event::End => return Some(Outcome::Errors),
        }
        None
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let answered = catch_unwind(AssertUnwindSafe(|| self.server.answer(request)));
        let bug = || {
            Response::new_err(
                id,
                ErrorCode::InternalError as i32,
                "a mistake of portolan".to_owned(),
            )
        };
        (self.send)(answered.unwrap_or_else(|_| bug()).into());
    }

    /// Checks what has changed and tells what is found.
    fn settle(&mut self) {
        let found = catch_unwind(AssertUnwindSafe(|| self.server.settle())).unwrap_or_default();
        for one in found {
            let notice = Notification::new(PublishDiagnostics::METHOD.to_owned(), one);
            (self.send)(notice.into());
        }
    }

    /// Lets what has changed be predicted and placed.
    fn look(&mut self) {
        while let Some(job) = self.server.job() {
            if self.jobs.send(job).is_err() {
                return;
            }
        }
    }

    fn refresh_hints(&mut self) {
        if self.refreshes_hints {
            self.requests += 1;
            let method = InlayHintRefreshRequest::METHOD.to_owned();
            (self.send)(Request::new(self.requests.into(), method, ()).into());
        }
    }
}
