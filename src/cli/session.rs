//! What all commands that compile share: paths, the platform, the lock.

use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use clap::Args;

use super::load;
use super::report::{ReportOptions, report};
use crate::Input;
use crate::diag::Diagnostics;
use crate::history::Fitted;
use crate::history::open::{Opened, open};
use crate::history::store::FILE;
use crate::lock::Lock;
use crate::place::Limits;
use crate::source::SourceMap;

/// Options of every command that compiles.
#[derive(Args, Clone, Debug)]
pub struct SessionOptions {
    /// Files, folders (all `*.kdl` directly in them), or `-`
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Which platform, if there are several
    #[arg(long, value_name = "NAME")]
    pub platform: Option<String>,
    #[command(flatten)]
    pub report: ReportOptions,
}

/// Sources and lock of one command.
pub struct Session {
    /// All texts.
    pub sources: SourceMap,
    /// Where the lock file lies.
    pub lock_path: Utf8PathBuf,
    /// The lock file, if there is one.
    pub lock: Option<Lock>,
    /// The text of the lock file, if there is one.
    pub lock_text: Option<String>,
    /// What past runs teach, if there are any.
    pub history: Option<Fitted>,
    /// When solving stops.
    pub limits: Limits,
    /// Which platform, if there are several.
    platform: Option<String>,
}

impl Session {
    /// Reads sources and lock.
    ///
    /// # Errors
    /// Says what could not be read.
    pub fn open(options: &SessionOptions) -> Result<Session, String> {
        let sources = load::sources(&options.paths)?;
        let folder = load::folder(&options.paths);
        let lock_path = Utf8PathBuf::from_path_buf(folder.join("portolan.lock"))
            .map_err(|path| format!("{}: the path is not UTF-8 text", path.display()))?;
        let lock_text = match std::fs::read_to_string(&lock_path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{lock_path}: {error}")),
        };
        let lock = lock_text.as_deref().map(Lock::read).transpose();
        let lock = lock.map_err(|why| format!("{lock_path}: {why}"))?;
        let history = past(&folder.join(FILE), &options.report)?;
        Ok(Session {
            sources,
            lock_path,
            lock,
            lock_text,
            history,
            limits: Limits::default(),
            platform: options.platform.clone(),
        })
    }

    /// The sources, and what their compilation rests on besides.
    pub fn parts(&mut self) -> (&mut SourceMap, Input<'_>) {
        let input = Input {
            files: &load::Disk,
            platform: self.platform.as_deref(),
            lock: self.lock.as_ref(),
            history: self.history.as_ref(),
            limits: &self.limits,
        };
        (&mut self.sources, input)
    }
}

/// The project's history, fitted. What is wrong with the file is said at once: it is not one of the sources.
fn past(path: &Path, options: &ReportOptions) -> Result<Option<Fitted>, String> {
    let Some(Opened { records, .. }) = history(path, options)? else {
        return Ok(None);
    };
    Ok((!records.is_empty()).then(|| Fitted::to(&records)))
}

/// Reads `portolan.history`, if there is one.
///
/// # Errors
/// Says why the file cannot be read at all, or that warnings about it are denied.
pub fn history(path: &Path, options: &ReportOptions) -> Result<Option<Opened>, String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
    let opened = open(&mut sources, &path.to_string_lossy(), &bytes, &mut found);
    if report(found, &sources, options) {
        return Err(format!("{}: see above", path.display()));
    }
    Ok(Some(opened))
}
