//! Endpoints, and the traffic of what they are in front of.

use super::Rules;
use super::once::repeated;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Endpoint, Pipeline, Step, StepKind};
use crate::quantity::Percent;

impl Rules<'_, '_> {
    /// Routes lead to serving steps, each once, and share all of the traffic.
    pub(super) fn endpoint(&mut self, pipeline: &Pipeline, endpoint: &Endpoint) {
        let name = &endpoint.name;
        let node = self.outlines.get(pipeline.id.0 as usize).and_then(|outline| {
            let own =
                |node: &&crate::syntax::Node| node.argument_text(0).is_some_and(|own| own.span == name.span);
            outline.node.all("endpoint").find(own)
        });
        let written = node.map_or(0, |node| node.all("route").count());
        let torn = node.is_none_or(|node| node.damaged || node.all("route").any(|route| route.damaged));
        if written == 0 && !torn {
            let message = format!("nothing says where `{}` leads", name.value);
            let found = Diagnostic::new(Code::SyntaxMissing, name.span, "no `route`", message);
            self.out
                .push(found.help("add `route STEP` for each serving step behind it"));
            return;
        }
        for route in &endpoint.routes {
            let step = &self.graph[route.step.value];
            if step.kind != StepKind::Serving {
                let message = format!(
                    "`{}` serves nobody: it is a {} step",
                    step.name.value,
                    step.kind.word()
                );
                let found = Diagnostic::new(Code::NameKind, route.step.span, "not a serving step", message);
                self.out.push(
                    found
                        .and(step.name.span, "this step")
                        .help("route to a step of `kind=serving`"),
                );
            }
        }
        let routes = endpoint
            .routes
            .iter()
            .map(|route| (route.step.value, route.step.span));
        for (again, first, step) in repeated(routes) {
            let message = format!("`{}` is routed to twice", self.graph[step].name.value);
            let found = Diagnostic::new(Code::SyntaxRepeated, again, "again here", message);
            self.out.push(
                found
                    .and(first, "first here")
                    .help("write one `route` with the whole share"),
            );
        }
        let shares = endpoint
            .routes
            .iter()
            .filter(|route| !route.shadow)
            .map(|route| route.share.0);
        // From zero, not from the negative zero of an empty sum.
        let total = shares.fold(0.0, |total, share| total + share);
        if (total - 1.0).abs() > 1e-6 && !torn && endpoint.routes.len() == written {
            self.shares(endpoint, total);
        }
    }

    fn shares(&mut self, endpoint: &Endpoint, total: f64) {
        let name = &endpoint.name;
        let message = format!("the shares of `{}` add up to {}", name.value, Percent(total));
        let label = if total < 1.0 {
            format!("{} of its traffic has no route", Percent(1.0 - total))
        } else {
            format!("{} too much", Percent(total - 1.0))
        };
        let mut found = Diagnostic::new(Code::ServeShare, name.span, label, message);
        for route in endpoint.routes.iter().filter(|route| !route.shadow) {
            found = found.and(route.step.span, format!("{}", route.share));
        }
        self.out
            .push(found.help("let the shares of all routes that are no shadows add up to 100 %"));
    }

    /// Every serving step has traffic: its own, or that of an endpoint; not both.
    pub(super) fn traffic(&mut self, step: &Step) {
        if step.kind != StepKind::Serving {
            return;
        }
        let endpoints = &self.graph[step.pipeline].endpoints;
        let routed = endpoints.iter().find_map(|endpoint| {
            let routes = endpoint.routes.iter().any(|route| route.step.value == step.id);
            endpoint.traffic.as_ref().filter(|_| routes)
        });
        if let (Some(own), Some(all)) = (&step.traffic, routed) {
            let message = format!("the traffic of `{}` is said twice", step.name.value);
            let found = Diagnostic::new(Code::SyntaxConflict, own.span, "of this step", message)
                .and(all.span, "of all that is behind the endpoint");
            self.out.push(
                found.help("remove one of them: a route's share of the endpoint's traffic is the step's"),
            );
        }
        // The line may be there and have been reported, here or on the endpoint.
        let unsure = self.outline(step).is_none_or(|(outline, own)| {
            let endpoints = outline.node.all("endpoint");
            let mut nodes = endpoints.chain([own.node]);
            nodes.any(|node| node.damaged || node.child("traffic").is_some_and(|traffic| traffic.damaged))
        });
        if step.traffic.is_none() && routed.is_none() && !unsure {
            let message = format!("nothing says how much traffic `{}` gets", step.name.value);
            self.out.push(
                Diagnostic::new(Code::ServeTraffic, step.name.span, "no `traffic`", message)
                    .help("add `traffic peak=\"400/s\" shape=office-hours`, here or on an endpoint"),
            );
        }
    }
}
