//! `runtime`: a stock runtime loads models of certain families only.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Program, Runtime, Step, StepKind};

/// Families whose models only a transformer's tokenizer and layers make sense of.
const TRANSFORMERS: [&str; 1] = ["transformer"];
/// Families of libraries that `runtime xgboost` does not bring along.
const OTHER_TREES: [&str; 4] = ["lightgbm", "catboost", "random-forest", "extra-trees"];
/// Families that are no neural networks.
const TABULAR: [&str; 12] = [
    "xgboost",
    "lightgbm",
    "catboost",
    "random-forest",
    "extra-trees",
    "logistic-regression",
    "linear-regression",
    "ridge",
    "lasso",
    "elastic-net",
    "svm",
    "naive-bayes",
];

impl Rules<'_, '_> {
    /// Only of a runtime's own image, and only what a training step calls its model: of anything else nobody knows.
    pub(super) fn runtime(&mut self, step: &Step) {
        let Program::Stock(runtime) = &step.program else {
            return;
        };
        for read in &step.reads {
            let data = &self.graph[read.data];
            let makers = data.writers.iter().map(|writer| &self.graph[*writer]);
            let models = makers
                .filter(|maker| maker.kind == StepKind::Training)
                .filter_map(|maker| maker.model.as_ref());
            for model in models.filter(|model| refuses(runtime.value, &model.family.value)) {
                let message = format!(
                    "the stock runtime of `{}` cannot load `{}`",
                    step.name.value, data.name.value
                );
                let family = format!("`{}` is a model of this family", data.name.value);
                self.out.push(
                    Diagnostic::new(
                        Code::ServeRuntime,
                        runtime.span,
                        "does not load such models",
                        message,
                    )
                    .and(model.family.span, family)
                    .help(instead(&model.family.value)),
                );
            }
        }
    }
}

/// True if the runtime's own image is known not to load models of the family. Triton and TorchServe load nearly
/// anything through their backends and handlers, and a family that nobody knows gets the benefit of the doubt.
fn refuses(runtime: Runtime, family: &str) -> bool {
    match runtime {
        Runtime::Vllm => TABULAR.contains(&family),
        Runtime::Sklearn => TRANSFORMERS.contains(&family),
        Runtime::Xgboost => TRANSFORMERS.contains(&family) || OTHER_TREES.contains(&family),
        Runtime::Triton | Runtime::Torchserve | Runtime::Custom => false,
    }
}

fn instead(family: &str) -> &'static str {
    if TRANSFORMERS.contains(&family) {
        "write `runtime vllm`, or `runtime custom` beside an image of your own"
    } else {
        "write `runtime triton`, or `runtime custom` beside an image of your own"
    }
}
