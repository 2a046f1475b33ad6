//! The texts that files of people's own shape are made from, and a user's instead of some of them.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, suggest};
use crate::source::{SourceId, Span};

macro_rules! built_in {
    ($($path:literal,)*) => {
        /// Templates by path below the folder of templates.
        const BUILT_IN: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../targets/", $path))),)*];
    };
}

built_in! {
    "docker/Dockerfile.hbs",
    "docker/dockerignore.hbs",
    "terraform/aws/cluster.tf.hbs",
    "terraform/aws/data.tf.hbs",
    "terraform/aws/disk.tf.hbs",
    "terraform/aws/iam.tf.hbs",
    "terraform/aws/locals.tf.hbs",
    "terraform/aws/network.tf.hbs",
    "terraform/aws/outputs.tf.hbs",
    "terraform/aws/pools.tf.hbs",
    "terraform/aws/providers.tf.hbs",
    "terraform/aws/stream.tf.hbs",
    "terraform/aws/variables.tf.hbs",
    "terraform/aws/vector.tf.hbs",
    "terraform/aws/versions.tf.hbs",
    "terraform/azure/cluster.tf.hbs",
    "terraform/azure/data.tf.hbs",
    "terraform/azure/disk.tf.hbs",
    "terraform/azure/iam.tf.hbs",
    "terraform/azure/locals.tf.hbs",
    "terraform/azure/network.tf.hbs",
    "terraform/azure/outputs.tf.hbs",
    "terraform/azure/pools.tf.hbs",
    "terraform/azure/providers.tf.hbs",
    "terraform/azure/stream.tf.hbs",
    "terraform/azure/variables.tf.hbs",
    "terraform/azure/vector.tf.hbs",
    "terraform/azure/versions.tf.hbs",
    "terraform/gcp/cluster.tf.hbs",
    "terraform/gcp/data.tf.hbs",
    "terraform/gcp/disk.tf.hbs",
    "terraform/gcp/iam.tf.hbs",
    "terraform/gcp/locals.tf.hbs",
    "terraform/gcp/network.tf.hbs",
    "terraform/gcp/outputs.tf.hbs",
    "terraform/gcp/pools.tf.hbs",
    "terraform/gcp/providers.tf.hbs",
    "terraform/gcp/stream.tf.hbs",
    "terraform/gcp/variables.tf.hbs",
    "terraform/gcp/vector.tf.hbs",
    "terraform/gcp/versions.tf.hbs",
    "terraform/state/backend.tf.hbs",
    "terraform/state/config.hbs",
}

/// Templates of the user's own, by path.
#[derive(Clone, Debug, Default)]
pub struct Templates(BTreeMap<String, Own>);

/// One of them.
#[derive(Clone, Debug)]
struct Own {
    text: String,
    source: SourceId,
}

impl Templates {
    /// Takes `text`, which came from `source`, instead of the built-in template at `path`.
    ///
    /// # Errors
    /// Says that there is no such template.
    pub fn replace(&mut self, path: &str, text: String, source: SourceId) -> Result<(), Box<Diagnostic>> {
        if !BUILT_IN.iter().any(|(known, _)| *known == path) {
            let message = format!("`{path}` overrides nothing");
            let found = Diagnostic::new(
                Code::TemplateFile,
                Span::new(source, 0, 0),
                "no such template",
                message,
            );
            let near = suggest::did_you_mean(path, BUILT_IN.iter().map(|(known, _)| *known));
            return Err(Box::new(found.maybe_help(near)));
        }
        self.0.insert(path.to_owned(), Own { text, source });
        Ok(())
    }

    /// The template at `path`.
    pub fn text(&self, path: &str) -> &str {
        let built_in = || BUILT_IN.iter().find(|(known, _)| *known == path);
        let own = self.0.get(path).map(|own| own.text.as_str());
        own.or_else(|| built_in().map(|(_, text)| *text))
            .unwrap_or_else(|| unreachable!("{path} is one of our templates"))
    }

    /// What is wrong with the user's template at `path`; the built-in ones fit their data.
    pub fn misfit(&self, path: &str, why: &str) -> Diagnostic {
        let source = self.0.get(path).map(|own| own.source);
        let source = source.unwrap_or_else(|| unreachable!("our template {path} fits its data: {why}"));
        let message = format!("`{path}` cannot be filled in: {why}");
        Diagnostic::new(
            Code::TemplateFile,
            Span::new(source, 0, 0),
            "this template",
            message,
        )
        .help("it gets the same data as the built-in template that it replaces")
    }
}
