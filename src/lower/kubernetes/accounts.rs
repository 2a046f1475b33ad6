//! Who pods are: a service account for each step, bound to an identity of the cloud, and those of the runs themselves.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::object::document;
use super::serving::{self, Workload, kserve};
use super::shared::Unknown;
use super::tenant::Tenant;
use crate::catalog::Provider;
use crate::graph::Step;
use crate::lower::names::{self, Service};
use crate::lower::site;

/// All accounts and roles of a tenant.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    let mut all: Vec<Value> = step_accounts(tenant)
        .iter()
        .map(|name| account(tenant, name))
        .collect();
    all.extend(executor(tenant));
    if tenant.conducts() {
        all.push(account(tenant, names::CONDUCTOR));
        all.extend(granted(
            tenant,
            names::CONDUCTOR,
            vec![starts_workflows()],
            tenant_subject,
        ));
    }
    // Nobody calls a cluster that only calls out.
    if tenant.is_called() && !site::calls_out_only(tenant.input.graph(), &tenant.input.plan[tenant.site]) {
        all.extend(granted(tenant, names::HUB_GROUP, vec![starts_workflows()], group));
    }
    all.extend(deployer(tenant));
    all
}

/// Accounts of steps; none where the platform names one that exists.
fn step_accounts(tenant: &Tenant<'_>) -> BTreeSet<String> {
    let place = &tenant.input.plan[tenant.site];
    let cluster = site::cluster(tenant.input.graph(), place);
    if cluster.is_some_and(|cluster| cluster.service_account.is_some()) {
        return BTreeSet::new();
    }
    tenant
        .steps()
        .map(|step| names::service_account(&step.name.value, None))
        .collect()
}

/// What moves and commits data, and reports what steps emitted. Argo takes its token from the Secret.
fn executor(tenant: &Tenant<'_>) -> Vec<Value> {
    let reports = PolicyRule {
        api_groups: Some(vec!["argoproj.io".to_owned()]),
        resources: Some(vec!["workflowtaskresults".to_owned()]),
        verbs: words(&["create", "patch"]),
        ..PolicyRule::default()
    };
    let mut metadata = tenant.metadata(&format!("{}.service-account-token", names::EXECUTOR));
    let account_name = (
        "kubernetes.io/service-account.name".to_owned(),
        names::EXECUTOR.to_owned(),
    );
    metadata.annotations = Some(BTreeMap::from([account_name]));
    let token = Secret {
        metadata,
        type_: Some("kubernetes.io/service-account-token".to_owned()),
        ..Secret::default()
    };
    let mut all = vec![account(tenant, names::EXECUTOR), document(token)];
    all.extend(granted(tenant, names::EXECUTOR, vec![reports], tenant_subject));
    all
}

/// What puts a run's result into service: it writes the ConfigMaps of releases and patches the deployments that read
/// them, each by name. A name cannot be asked of what does not exist yet, hence the rule of its own for `create`.
fn deployer(tenant: &Tenant<'_>) -> Vec<Value> {
    let servers: Vec<&Step> = tenant.steps().filter(|step| step.kind.always_on()).collect();
    let served: Vec<String> = servers.iter().map(|step| tenant.object(step)).collect();
    if served.is_empty() {
        return Vec::new();
    }
    let releases = served.iter().map(|object| names::release(object)).collect();
    let rule = |group: &str, resource: &str, named: Option<Vec<String>>, verbs: &[&str]| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resource_names: named,
        resources: Some(vec![resource.to_owned()]),
        verbs: words(verbs),
        ..PolicyRule::default()
    };
    let mut rules = vec![
        rule("", "configmaps", None, &["create"]),
        rule("", "configmaps", Some(releases), &["get", "patch"]),
        rule("argoproj.io", "workflowtaskresults", None, &["create", "patch"]),
    ];
    for (kind, group, resource) in [
        (Workload::Deployment, "apps", "deployments"),
        (Workload::Rollout, "argoproj.io", "rollouts"),
        (
            Workload::InferenceService,
            "serving.kserve.io",
            "inferenceservices",
        ),
    ] {
        let mine = servers.iter().filter(|step| serving::workload(step) == kind);
        let mine = mine.map(|step| match kind {
            Workload::InferenceService => kserve::name(&tenant.object(step)),
            Workload::Deployment | Workload::Rollout => tenant.object(step),
        });
        let mine: Vec<String> = mine.collect();
        if !mine.is_empty() {
            rules.push(rule(
                group,
                resource,
                Some(mine),
                &["get", "list", "patch", "watch"],
            ));
        }
    }
    let mut all = vec![account(tenant, names::DEPLOYER)];
    all.extend(granted(tenant, names::DEPLOYER, rules, tenant_subject));
    all
}

fn starts_workflows() -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec!["argoproj.io".to_owned()]),
        resources: Some(vec!["workflows".to_owned()]),
        verbs: words(&["create", "get", "list", "patch", "watch"]),
        ..PolicyRule::default()
    }
}

fn account(tenant: &Tenant<'_>, name: &str) -> Value {
    let annotations = annotations(tenant, name);
    document(ServiceAccount {
        // Programs have no business with the cluster's API; what has asks for the token where it is used.
        automount_service_account_token: Some(false),
        metadata: ObjectMeta {
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..tenant.metadata(name)
        },
        ..ServiceAccount::default()
    })
}

/// What binds an account to its cloud identity. EKS keeps the association outside the cluster; the client id of Azure
/// is filled in by the kustomization.
fn annotations(tenant: &Tenant<'_>, account: &str) -> BTreeMap<String, String> {
    let place = &tenant.input.plan[tenant.site];
    let project = site::cloud(tenant.input.graph(), place).and_then(|cloud| cloud.identity.get("project"));
    match (&place.region, project) {
        // The deployer only talks to its own cluster.
        (Some((Provider::Gcp, _)), Some(project)) if account != names::DEPLOYER => {
            let service = Service::GoogleServiceAccount;
            let name = names::identity(service, &place.cluster, &tenant.namespace, account);
            let address = format!("{name}@{project}.iam.gserviceaccount.com");
            BTreeMap::from([("iam.gke.io/gcp-service-account".to_owned(), address)])
        }
        (Some(_), _) | (None, _) => BTreeMap::new(),
    }
}

/// Azure identities of a tenant's accounts: `NAMESPACE_ACCOUNT`, as the site's Terraform prints them.
pub(super) fn unknown(tenant: &Tenant<'_>, unknown: &mut Unknown) {
    if matches!(tenant.input.plan[tenant.site].region, Some((Provider::Azure, _))) {
        let mut accounts = step_accounts(tenant);
        accounts.insert(names::EXECUTOR.to_owned());
        accounts.extend(tenant.conducts().then(|| names::CONDUCTOR.to_owned()));
        for account in accounts {
            let key = format!("{}_{account}", tenant.namespace);
            let whose = (tenant.namespace.clone(), account);
            unknown.identities.insert(key, whose);
        }
    }
}

/// A role and who has it.
fn granted(
    tenant: &Tenant<'_>,
    name: &str,
    rules: Vec<PolicyRule>,
    subject: fn(&Tenant<'_>, &str) -> Subject,
) -> [Value; 2] {
    let role = Role {
        metadata: tenant.metadata(name),
        rules: Some(rules),
    };
    let binding = RoleBinding {
        metadata: tenant.metadata(name),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".to_owned(),
            kind: "Role".to_owned(),
            name: name.to_owned(),
        },
        subjects: Some(vec![subject(tenant, name)]),
    };
    [document(role), document(binding)]
}

fn tenant_subject(tenant: &Tenant<'_>, name: &str) -> Subject {
    Subject {
        api_group: None,
        kind: "ServiceAccount".to_owned(),
        name: name.to_owned(),
        namespace: Some(tenant.namespace.clone()),
    }
}

/// The hub comes from outside: whoever runs the cluster maps the hub's identity to this group.
fn group(_: &Tenant<'_>, name: &str) -> Subject {
    Subject {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: "Group".to_owned(),
        name: name.to_owned(),
        namespace: None,
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
