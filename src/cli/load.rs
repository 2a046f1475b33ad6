//! Paths of the command line -> sources.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use flate2::read::MultiGzDecoder;

use crate::source::SourceMap;
use crate::syntax::Files;

/// What standard input is called where a path is shown.
pub const STDIN: &str = "<stdin>";

/// Files on disk. Paths are as the user gave them, relative to the current folder.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
    }
}

/// The text of a file; one that is compressed with gzip is unpacked.
///
/// # Errors
/// Says why it cannot be read.
pub fn unpacked(path: &str) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {}", reason(&error)))?;
    let mut text = String::new();
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text)
    } else {
        bytes.as_slice().read_to_string(&mut text)
    };
    read.map(|_| text).map_err(|error| format!("{path}: {error}"))
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads all `*.kdl` directly in each folder, each file given, and standard input for `-`.
///
/// # Errors
/// Says which path could not be read and why.
pub fn sources(paths: &[PathBuf]) -> Result<SourceMap, String> {
    let mut sources = SourceMap::default();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| format!("standard input: {error}"))?;
            sources.add(STDIN, text);
        } else if path.is_dir() {
            let files = kdl_files(path)?;
            if files.is_empty() {
                return Err(format!(
                    "{}: there is no `.kdl` file in this folder",
                    path.display()
                ));
            }
            for file in files {
                add(&mut sources, &file)?;
            }
        } else {
            add(&mut sources, path)?;
        }
    }
    Ok(sources)
}

/// One text and what it is called: a file, or standard input for `-`.
///
/// # Errors
/// Says which path could not be read and why.
pub fn text(path: &Path) -> Result<(String, String), String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        return read
            .map(|_| (STDIN.to_owned(), text))
            .map_err(|error| format!("standard input: {error}"));
    }
    let name = slashes(path);
    let text = Disk.read(&name).map_err(|why| format!("{name}: {why}"))?;
    Ok((name, text))
}

/// All files below a folder, by path in it.
///
/// # Errors
/// Says which folder could not be read and why.
pub fn below(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = next
            .read_dir_utf8()
            .map_err(|error| format!("{next}: {}", reason(&error)))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("{next}: {}", reason(&error)))?;
            let path = entry.path();
            if path.is_dir() {
                open.push(path.to_owned());
            } else {
                found.extend(path.strip_prefix(folder).map(Utf8Path::to_owned));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The `*.kdl` files directly in a folder, by name.
///
/// # Errors
/// Says why the folder cannot be read.
pub fn kdl_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| format!("{}: {}", folder.display(), reason(&error)))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| format!("{}: {}", folder.display(), reason(&error)))?
            .path();
        if path.extension().is_some_and(|extension| extension == "kdl") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn add(sources: &mut SourceMap, path: &Path) -> Result<(), String> {
    let name = slashes(path);
    if sources.iter().any(|(_, source)| source.path == name) {
        return Ok(());
    }
    let text = Disk.read(&name).map_err(|why| format!("{name}: {why}"))?;
    sources.add(name, text);
    Ok(())
}

/// A path as text with forward slashes and without a leading `./`.
pub fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// The folder in which `portolan.lock` lies: that of the first path.
pub fn folder(paths: &[PathBuf]) -> PathBuf {
    match paths.first() {
        Some(path) if path.is_dir() => path.clone(),
        Some(path) => path.parent().map(Path::to_path_buf).unwrap_or_default(),
        None => PathBuf::from("."),
    }
}
