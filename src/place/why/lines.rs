//! What each line that restricts a step costs: the best plan without it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Inquiry, Worse};
use crate::place::instance::RuleKind;
use crate::source::Span;

/// A line, and what would be better without it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LineCost {
    /// What it says.
    pub line: String,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
    /// How much worse the best plan is than the best plan without the line.
    pub costs: Worse,
    /// Where the step would be without it.
    pub then: Option<String>,
}

impl Inquiry<'_, '_, '_> {
    /// Every line that is about the step, the dearest first. Lines for which no better plan was found cost nothing.
    pub fn lines(&self) -> Vec<LineCost> {
        let mut lines: BTreeMap<(Span, &str), Vec<usize>> = BTreeMap::new();
        for (at, origin) in self.problem.origins.iter().enumerate() {
            lines.entry((origin.span, &origin.text)).or_default().push(at);
        }
        lines.retain(|_, rules| rules.iter().any(|rule| self.concerns(*rule)));
        let mut costs: Vec<LineCost> = lines
            .into_iter()
            .filter_map(|((span, text), rules)| self.line(span, text, &rules))
            .collect();
        costs.sort_by_key(|line| std::cmp::Reverse(line.costs.by));
        costs
    }

    fn line(&self, span: Span, text: &str, rules: &[usize]) -> Option<LineCost> {
        let without = self.solve(|_, _| true, rules).ok()?;
        let pick = *without.picks.get(self.at())?;
        let site = |pick: usize| self.choices().get(pick).map(|choice| choice.site);
        let then = site(pick).filter(|then| Some(*then) != site(self.picked()));
        Some(LineCost {
            line: text.to_owned(),
            span,
            costs: self.worse(&without, &self.best),
            then: then.and_then(|site| Some(self.problem.sites.get(site)?.name.clone())),
        })
    }

    /// True if the rule restricts what the step may take, alone or with others.
    fn concerns(&self, rule: usize) -> bool {
        let step = self.at();
        let Some(kind) = self.problem.instance.rules.get(rule).map(|rule| &rule.kind) else {
            return false;
        };
        match kind {
            RuleKind::Bar => self.choices().iter().any(|choice| choice.barred.contains(&rule)),
            RuleKind::Capacity { .. } => {
                let mut uses = self.choices().iter().flat_map(|choice| &choice.uses);
                uses.any(|(of, _)| *of == rule)
            }
            // A later step's deadline leaves this one less time.
            RuleKind::Deadline { tasks, .. } => tasks.iter().any(|task| self.is_before(*task)),
            RuleKind::Budget { tasks, .. } | RuleKind::Carbon { tasks, .. } => tasks.contains(&step),
            RuleKind::Together { tasks, .. } | RuleKind::Apart { tasks, .. } => {
                tasks.0 == step || tasks.1 == step
            }
        }
    }

    /// True if the step is `task`, or has to have ended before it starts.
    fn is_before(&self, task: usize) -> bool {
        let mut before = vec![task];
        let mut next = 0;
        while let Some(known) = before.get(next).copied() {
            let earlier = self
                .problem
                .instance
                .order
                .iter()
                .filter(|(_, after)| *after == known);
            for (earlier, _) in earlier {
                if !before.contains(earlier) {
                    before.push(*earlier);
                }
            }
            next += 1;
        }
        before.contains(&self.at())
    }
}
