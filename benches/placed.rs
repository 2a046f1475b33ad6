//! A plan without solving.

use portolan::catalog::Pricing;
use portolan::quantity::{Bytes, Cores, MicroUsd, Seconds};
use portolan::{graph, place, profile};

/// Everything on the one pool that there is.
pub fn placed<'g>(profiled: &'g profile::ProfiledGraph<'g>) -> place::Plan<'g> {
    let (site, pool) = (place::SiteId(0), place::PoolId(0));
    let assignment = |step: &graph::Step| place::Assignment {
        step: step.id,
        site,
        pool,
        machines: 1,
        item: place::ItemRun::default(),
        duration: Seconds(600.0),
        duration_p95: Seconds(900.0),
        ends: Seconds(3600.0),
        monthly: MicroUsd::usd(1.0),
        monthly_p95: MicroUsd::usd(2.0),
        because: String::new(),
        runner_up: None,
        considered: Default::default(),
    };
    let graph = profiled.graph;
    place::Plan {
        profiled,
        sites: vec![place::Site {
            name: "lab".to_owned(),
            region: None,
            cluster: "lab".to_owned(),
            country: "de".to_owned(),
            on_premises: true,
            runs: true,
        }],
        pools: vec![place::Pool {
            site,
            name: "cpu".to_owned(),
            machine: "cpu".to_owned(),
            cores: Cores(64.0),
            memory: Bytes::gib(512.0),
            accelerator: None,
            arch: "amd64".to_owned(),
            pricing: Pricing::OnDemand,
            hourly: MicroUsd::usd(0.35),
            price_basis: "declared".to_owned(),
            interruption: None,
            bounds: (0, 5000),
            reservation: None,
            declared: true,
        }],
        assignments: graph.steps.iter().map(assignment).collect(),
        moves: Vec::new(),
        homes: vec![Some(site); graph.data.len()],
        hubs: vec![site; graph.pipelines.len()],
        promises: Vec::new(),
        cost: place::Cost::default(),
        solution: place::Solution::default(),
    }
}
