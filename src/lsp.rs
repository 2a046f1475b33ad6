//! Answers for editors: documents and places in, answers of the Language Server Protocol out.
//!
//! Nothing here reads files by itself, waits or prints: `cli::lsp` joins it to standard input, output and the disk. Work
//! that takes long, predicting and placing, is handed out as a [`Job`] and comes back as an [`Outlook`].

mod action;
mod address;
mod capability;
mod complete;
mod cursor;
mod folding;
mod hint;
mod hover;
mod names;
mod navigate;
mod outlook;
mod position;
mod project;
mod publish;
mod rename;
mod server;
mod symbol;
mod workspace;

pub use capability::capabilities;
pub use outlook::{Job, Outlook, look};
pub use position::{Encoding, Lines};
pub use server::Server;
pub use workspace::Disk;
