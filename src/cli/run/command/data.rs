//! Where data is on this machine.

use camino::{Utf8Path, Utf8PathBuf};

use super::Seen;
use crate::graph::{DataId, Read, Write};
use crate::lower::names::environment as shouted;

impl Seen<'_, '_> {
    /// The path of an input; an address where it is not on this machine.
    pub(super) fn read(&self, read: &Read) -> String {
        let set = &self.graph()[read.data];
        let base = self.data(read.data, read.previous);
        let shared = set.writers.first().map(|writer| &self.graph()[*writer].each);
        let pairs = shared
            .into_iter()
            .flatten()
            .zip(&self.step().each)
            .take_while(|(a, b)| a == b);
        let depth = pairs.count();
        let items = self.items();
        let mut path = items
            .iter()
            .take(depth)
            .fold(base, |path, item| format!("{path}/{item}"));
        if let Some(each) = read.part_of
            && let Some(at) = self.step().each.iter().position(|own| *own == each)
        {
            path = format!("{path}/{}", items.get(at).cloned().unwrap_or_default());
        }
        path
    }

    /// The path of a whole data set, or its address.
    pub(super) fn data(&self, data: DataId, previous: bool) -> String {
        let set = &self.graph()[data];
        let name = &set.name.value;
        if let Some(copy) = self.around.copies.get(&data) {
            return copy.to_string();
        }
        if previous && let Some(path) = self.around.folder.data_before(name) {
            return path.to_string();
        }
        let own = set.writers.iter().any(|writer| self.run.steps().contains(writer));
        let uri = set
            .at
            .first()
            .and_then(|location| location.uri.as_ref())
            .filter(|_| !own);
        match uri {
            Some(uri) => {
                let text = self.text(&uri.value);
                text.strip_prefix("file://").map_or(text.clone(), str::to_owned)
            }
            None => self.around.folder.data(name).to_string(),
        }
    }

    /// The variable of an output, where the program leaves it, and where it belongs.
    pub(super) fn write(&self, write: &Write, attempt: &Utf8Path) -> (String, Utf8PathBuf, Utf8PathBuf) {
        let name = &self.graph()[write.data].name.value;
        let items = self.items();
        let to = items
            .iter()
            .fold(self.around.folder.data(name), |path, item| path.join(item));
        (
            format!("WRITES_{}", shouted(name)),
            attempt.join("writes").join(name),
            to,
        )
    }
}
