//! Rules as rows and edges.

use std::collections::BTreeMap;

use super::Draft;
use super::objective::parts;
use crate::place::engine::{Bias, Edge, Row};
use crate::place::instance::{RuleKind, Scope};

impl Draft<'_> {
    fn row(&mut self, limit: f64) -> usize {
        self.model.rows.push(Row::Limit(limit));
        self.model.rows.len() - 1
    }

    /// Rows of capacity, budgets and emissions; edges of who has to be together or apart.
    pub(super) fn rules(&mut self) -> Option<()> {
        let rules = self.instance.rules.iter().zip(&self.demands.active).enumerate();
        for (at, (rule, _)) in rules.filter(|(_, (_, active))| **active) {
            let margin = self.demands.margin.get(at).copied().unwrap_or(0.0);
            match &rule.kind {
                RuleKind::Bar | RuleKind::Deadline { .. } => {}
                RuleKind::Capacity { limit, windows } => self.capacity(at, limit - margin, windows),
                RuleKind::Budget { tasks, either, limit } | RuleKind::Carbon { tasks, either, limit } => {
                    let row = self.row(limit - margin);
                    self.parts.insert(row, (Some(at), parts(tasks, either)));
                }
                RuleKind::Together { tasks, scope } => {
                    let never = match scope {
                        Scope::Site => [0.0, f64::INFINITY, f64::INFINITY],
                        Scope::Cloud => [0.0, 0.0, f64::INFINITY],
                    };
                    self.tie(*tasks, never);
                }
                RuleKind::Apart { tasks, scope } => {
                    if tasks.0 == tasks.1 {
                        return None;
                    }
                    let never = match scope {
                        Scope::Site => [f64::INFINITY, 0.0, 0.0],
                        Scope::Cloud => [f64::INFINITY, f64::INFINITY, 0.0],
                    };
                    self.tie(*tasks, never);
                }
            }
        }
        if let Some(carbon) = self.demands.carbon {
            let row = self.row(carbon);
            self.parts.insert(row, (None, BTreeMap::new()));
        }
        Some(())
    }

    fn tie(&mut self, (a, b): (usize, usize), [site, cloud, away]: [f64; 3]) {
        if a != b {
            self.model.edges.push(Edge {
                from: a.min(b),
                to: a.max(b),
                stale: true,
                bias: Bias { site, cloud, away },
                ..Edge::default()
            });
        }
    }

    /// A row for each window that can be too full at all.
    fn capacity(&mut self, rule: usize, limit: f64, windows: &[Vec<usize>]) {
        let most = |task: usize| {
            let choices = self
                .instance
                .tasks
                .get(task)
                .map_or(&[][..], |task| &task.choices);
            let uses = choices.iter().flat_map(|choice| &choice.uses);
            let here = uses.filter(|(of, _)| *of == rule).map(|(_, amount)| *amount);
            here.fold(0.0, f64::max)
        };
        let most: Vec<f64> = (0..self.instance.tasks.len()).map(most).collect();
        for window in windows {
            let needed: f64 = window.iter().filter_map(|task| most.get(*task)).sum();
            if needed <= limit {
                continue;
            }
            let row = self.row(limit);
            for task in window {
                let rows = self.rows.iter_mut().skip(*task).take(1);
                rows.for_each(|rows| rows.entry(rule).or_default().push(row));
            }
        }
    }
}
