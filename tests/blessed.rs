//! Golden files: compare, or with `BLESS=1` write them again.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares `text` with the file at `path`, seen from the root. With `BLESS=1` in the environment the file is written
/// instead. Panics with the difference.
pub fn check(path: impl AsRef<Path>, text: &str) {
    let file = root().join(path.as_ref());
    if std::env::var_os("BLESS").is_some() {
        let folder = file.parent().expect("a golden file is in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        return fs::write(&file, text).expect("the golden file can be written");
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    if known != text {
        let difference = similar::TextDiff::from_lines(known.as_str(), text);
        let shown = difference.unified_diff().header("known", "now").to_string();
        panic!(
            "{} has changed; `BLESS=1 cargo test` accepts it\n{shown}",
            path.as_ref().display()
        );
    }
}
