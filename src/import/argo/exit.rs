//! Exit handlers -> `finally` steps.

use std::collections::BTreeMap;

use super::Importer;
use super::call::{Call, Place};
use super::library::Home;
use crate::import::pipeline::Step;
use crate::import::text::Text;
use crate::import::yaml::Node;

impl<'t> Importer<'t, '_> {
    /// Pastes the template that runs at the end of every run.
    pub fn on_exit(&mut self, home: &'t Home<'t>, exit: &'t Node, parameters: BTreeMap<String, Text>) {
        let Some(template) = exit.text().and_then(|name| home.template(name)) else {
            return self.stop(exit.span, "a template by this name", "the document has none");
        };
        let before = self.pipeline.steps.len();
        let call = Call {
            name: exit.text().unwrap_or("exit"),
            span: exit.span,
            home,
            template,
            parameters,
            artifacts: BTreeMap::new(),
        };
        let place = Place {
            last: true,
            ..Place::default()
        };
        self.paste(call, &place);
        let ordered = |step: &Step| !step.after.is_empty();
        if self.pipeline.steps.iter().skip(before).any(ordered) {
            self.stop(
                exit.span,
                "an exit handler of several steps in order",
                "`finally` steps run beside each other",
            );
        }
    }
}
