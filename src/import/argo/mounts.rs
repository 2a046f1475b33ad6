//! Volumes that a container mounts.

use super::Importer;
use super::call::Call;
use crate::import::pipeline::{Step, Volume};
use crate::import::yaml::Node;

/// Scratch space of which nothing says how large it is.
pub const SIZE: &str = "10GiB";

impl<'t> Importer<'t, '_> {
    /// Scratch space and secrets; a volume that steps share is no such thing.
    pub fn mounts(&mut self, call: &Call<'t>, container: &'t Node, step: &mut Step) {
        let volumes = [call.template, call.home.spec];
        for mount in container.items_of("volumeMounts") {
            let name = mount.text_of("name").unwrap_or_default();
            let path = mount.text_of("mountPath").unwrap_or_default().to_owned();
            let mut declared = volumes.iter().flat_map(|node| node.items_of("volumes"));
            let volume = declared.find(|volume| volume.text_of("name") == Some(name));
            let empty = volume.and_then(|volume| volume.entries().iter().find(|(key, _)| key == "emptyDir"));
            let secret = volume
                .and_then(|volume| volume.get("secret"))
                .and_then(|it| it.text_of("secretName"));
            match (empty, secret) {
                (Some((_, empty)), _) => step.volumes.push(Volume {
                    name: self.names.fresh(name),
                    size: empty
                        .text_of("sizeLimit")
                        .map_or(SIZE.to_owned(), |size| format!("{size}B")),
                    mount: path,
                    memory: empty.text_of("medium") == Some("Memory"),
                }),
                (None, Some(secret)) => step.secrets.push((secret.to_owned(), path)),
                (None, None) => self.stop(
                    mount.span,
                    "a volume that outlives its step",
                    "steps hand over data sets",
                ),
            }
        }
    }
}
