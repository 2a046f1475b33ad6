//! Roles of pods, and the policies that say which objects and stores they may use.

use std::collections::BTreeSet;

use serde::Serialize;

use super::policy::{Statement, is_own, sibling, statements};
use crate::lower::names::{self, Service};
use crate::lower::terraform::access::{self, Visitor, Workload};
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::{self, Expression};

/// All identities of a site.
pub struct Rights {
    /// Of pods that run here.
    pub workloads: Vec<Role>,
    /// Of clusters whose pods come here for data.
    pub issuers: Vec<Issuer>,
    /// What they may do.
    pub visitors: Vec<VisitorRole>,
    /// True if a bucket is used that is not made here.
    pub foreign_buckets: bool,
}

/// The role of one service account.
#[derive(Serialize)]
pub struct Role {
    address: String,
    summary: String,
    role: String,
    namespace: String,
    service_account: String,
    tags: Expression,
    statements: Vec<Statement>,
}

/// A cluster that is trusted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Issuer {
    address: String,
    cluster: String,
    variable: String,
}

/// The role of another cluster's pods.
#[derive(Serialize)]
pub struct VisitorRole {
    address: String,
    name: String,
    summary: String,
    role: String,
    variable: String,
    issuer: String,
    subjects: Expression,
    statements: Vec<Statement>,
}

impl Rights {
    /// Everybody's rights at the site.
    pub fn of(stack: &Stack<'_>) -> Rights {
        let workloads = access::workloads(stack);
        let visitors = access::visitors(stack);
        let all = workloads
            .values()
            .map(|it| &it.rights)
            .chain(visitors.values().map(|it| &it.rights));
        let addresses = all.flat_map(|rights| rights.reads.iter().chain(&rights.writes));
        let foreign_buckets = addresses
            .into_iter()
            .any(|it| !is_own(stack, it) && sibling(stack, it).is_none());
        let visitors: Vec<_> = visitors
            .into_iter()
            .map(|((site, pipeline), visitor)| {
                let pipeline = &stack.graph()[pipeline].name.value;
                visitor_role(stack, &stack.input.plan[site].cluster, pipeline, &visitor)
            })
            .collect();
        let issuers: BTreeSet<Issuer> = visitors.iter().map(|(issuer, _)| issuer.clone()).collect();
        Rights {
            workloads: workloads
                .into_iter()
                .map(|(account, workload)| role(stack, account, &workload))
                .collect(),
            issuers: issuers.into_iter().collect(),
            visitors: visitors.into_iter().map(|(_, role)| role).collect(),
            foreign_buckets,
        }
    }
}

fn role(stack: &Stack<'_>, (namespace, service_account): (String, String), workload: &Workload) -> Role {
    Role {
        address: names::name(Service::TerraformAddress, &[&namespace, &service_account]),
        summary: workload.summary(),
        role: stack.identity(Service::IamRole, &namespace, &service_account),
        namespace,
        service_account,
        tags: Expression::map(&workload.tags(stack)),
        statements: statements(stack, &workload.rights),
    }
}

fn visitor_role(
    stack: &Stack<'_>,
    cluster: &str,
    pipeline: &str,
    visitor: &Visitor,
) -> (Issuer, VisitorRole) {
    let address = names::name(Service::TerraformAddress, &[cluster]);
    let issuer = Issuer {
        variable: format!("issuer_{address}"),
        address: address.clone(),
        cluster: hcl::comment(cluster),
    };
    let name = names::visitor(
        Service::IamRole,
        &stack.platform.prefix,
        &stack.site.cluster,
        pipeline,
        cluster,
    );
    let role = VisitorRole {
        address: names::name(Service::TerraformAddress, &[pipeline, "for", cluster]),
        summary: hcl::comment(&format!("Pods of {pipeline} in cluster {cluster}")),
        role: name.clone(),
        name,
        variable: issuer.variable.clone(),
        issuer: address,
        subjects: Expression::texts(&visitor.subjects),
        statements: statements(stack, &visitor.rights),
    };
    (issuer, role)
}
