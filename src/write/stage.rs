//! A file that is complete before it is seen.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::WriteError;

/// A complete file beside its destination; removed when dropped before [`Staged::commit`].
pub(super) struct Staged {
    partial: Utf8PathBuf,
    destination: Utf8PathBuf,
    committed: bool,
}

/// Writes `contents` beside `destination`.
pub(super) fn stage(destination: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<Staged, WriteError> {
    let folder = destination.parent().unwrap_or(Utf8Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let name = destination.file_name().unwrap_or_default();
    let staged = Staged {
        partial: folder.join(format!(".{name}.portolan-partial")),
        destination: destination.to_owned(),
        committed: false,
    };
    // What an interrupted run left, be it a link, must not be written through.
    match fs::remove_file(&staged.partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(at(&staged.partial)(error));
        }
        Ok(()) | Err(_) => {}
    }
    fs::write(&staged.partial, contents).map_err(at(&staged.partial))?;
    Ok(staged)
}

impl Staged {
    /// Gives it the permissions of what it replaces.
    pub(super) fn permit(&self, permissions: fs::Permissions) -> Result<(), WriteError> {
        fs::set_permissions(&self.partial, permissions).map_err(at(&self.partial))
    }

    /// Puts it in its place; whoever reads there sees the old text or the new, never a part.
    pub(super) fn commit(mut self) -> Result<(), WriteError> {
        fs::rename(&self.partial, &self.destination).map_err(at(&self.destination))?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done if this fails too, and the name says what it is.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Removes a file, and the folders that this leaves empty.
pub(super) fn remove(folder: &Utf8Path, path: &Utf8Path) -> Result<(), WriteError> {
    fs::remove_file(path).map_err(at(path))?;
    let parents = path.ancestors().skip(1);
    for parent in parents.take_while(|parent| *parent != folder) {
        // Not empty: it stays.
        if fs::remove_dir(parent).is_err() {
            break;
        }
    }
    Ok(())
}

fn at(path: &Utf8Path) -> impl Fn(io::Error) -> WriteError {
    move |error| WriteError::Io {
        path: path.to_owned(),
        error,
    }
}
