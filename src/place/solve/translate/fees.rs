//! What is due once, and the wait for what exists.

use std::collections::BTreeMap;

use super::Draft;
use crate::place::instance::Source;

/// A data set, and the sites where it is.
type Copied<'i> = (usize, &'i Vec<usize>);

impl Draft<'_> {
    /// By task and site, how long it waits for copies; only of tasks that wait for nobody, where that adds to their
    /// own time.
    pub(super) fn leads(&self) -> Vec<Vec<f64>> {
        let instance = self.instance;
        let mut waits = vec![false; instance.tasks.len()];
        let makers = instance.flows.iter().filter_map(|flow| match flow.from {
            Source::Task(_) => Some(flow.to),
            Source::Copies(_) => None,
        });
        for task in makers.chain(instance.order.iter().map(|(_, after)| *after)) {
            waits
                .iter_mut()
                .skip(task)
                .take(1)
                .for_each(|waits| *waits = true);
        }
        let mut leads = vec![Vec::new(); instance.tasks.len()];
        for flow in &instance.flows {
            let (Source::Copies(copies), Some(false)) = (&flow.from, waits.get(flow.to)) else {
                continue;
            };
            for lead in leads.iter_mut().skip(flow.to).take(1) {
                lead.resize(instance.sites.len(), 0.0_f64);
                for (to, lead) in lead.iter_mut().enumerate() {
                    let from = instance.nearest(copies, to).unwrap_or(to);
                    *lead = lead.max(instance.lane(from, to).hours * flow.gb);
                }
            }
        }
        leads
    }

    /// What is paid once: standing costs of sites, and copies brought to a site for all that read them there.
    pub(super) fn fees(&mut self) {
        let instance = self.instance;
        if self.objective.cost > 0.0 && self.objective.rule.is_none() {
            let all: Vec<usize> = (0..instance.tasks.len()).collect();
            for (at, site) in instance.sites.iter().enumerate() {
                if site.standing > 0.0 && !site.used {
                    self.fee(self.objective.cost * site.standing, at, &all);
                }
            }
        }
        let mut readers: BTreeMap<Copied<'_>, (f64, Vec<usize>)> = BTreeMap::new();
        for (flow, volume) in instance.flows.iter().zip(&self.volumes) {
            if let (Source::Copies(copies), true) = (&flow.from, *volume > 0.0) {
                let (whole, readers) = readers.entry((flow.data, copies)).or_default();
                *whole = *volume;
                readers.push(flow.to);
            }
        }
        for ((_, copies), (volume, readers)) in readers {
            for to in 0..instance.sites.len() {
                let from = instance.nearest(copies, to).unwrap_or(to);
                let money = instance.lane(from, to).usd * volume;
                if money > 0.0 {
                    self.fee(money, to, &readers);
                }
            }
        }
    }

    /// Makes money due once if any of `tasks` is at `site`; of one task alone it is part of its cost.
    fn fee(&mut self, money: f64, site: usize, tasks: &[usize]) {
        if let [task] = tasks {
            let task = self.model.tasks.iter_mut().skip(*task).take(1);
            let candidates = task.flat_map(|task| &mut task.candidates);
            candidates
                .filter(|candidate| candidate.site == site)
                .for_each(|candidate| candidate.cost += money);
            return;
        }
        let fee = self.model.fees.len();
        self.model.fees.push(money);
        for task in tasks {
            let task = self.model.tasks.iter_mut().skip(*task).take(1);
            for task in task.filter(|task| !task.dues.contains(&(site, fee))) {
                task.dues.push((site, fee));
            }
        }
    }
}
