//! The only place where names of created things are made.
//!
//! A name is `prefix-pipeline-thing`, or `prefix-thing` where pipelines share it. It depends on nothing else, so an
//! edit elsewhere in the file never renames anything. A name that is too long for its service keeps its front and
//! ends in six hex digits of the sha256 of the whole name; shorter names carry no hash.

use sha2::{Digest, Sha256};

/// What a name is for: decides length and alphabet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Service {
    /// Kubernetes names and labels (RFC 1123 label).
    Kubernetes,
    /// Argo CronWorkflow: leaves room for the run's suffix.
    CronWorkflow,
    /// Argo WorkflowTemplate: leaves room for the run and attempt that a child's name ends in.
    WorkflowTemplate,
    /// S3 and Google Cloud Storage buckets.
    Bucket,
    /// Azure storage account: letters and digits only.
    StorageAccount,
    /// Azure container registry: letters and digits only.
    AzureRegistry,
    /// Azure Key Vault.
    KeyVault,
    /// AKS node pool: letters and digits, starting with a letter.
    AksPool,
    /// EKS node group and cluster.
    Eks,
    /// GKE cluster and node pool.
    Gke,
    /// AWS IAM role.
    IamRole,
    /// Google service account.
    GoogleServiceAccount,
    /// Google workload identity pool and provider.
    IdentityPool,
    /// Azure resource group, identity, network and the like.
    AzureResource,
    /// Cosmos DB account.
    CosmosAccount,
    /// RDS and Cloud SQL instance.
    SqlInstance,
    /// ElastiCache replication group.
    Cache,
    /// Redshift Serverless namespace and workgroup.
    Warehouse,
    /// OpenSearch Serverless collection, and the policies about it.
    Collection,
    /// Azure AI Search service.
    SearchService,
    /// MSK cluster.
    Broker,
    /// Event Hubs namespace.
    EventHubs,
    /// BigQuery dataset: underscores.
    BigQuery,
    /// Id of a dashboard in Grafana.
    Dashboard,
    /// Terraform address: underscores.
    TerraformAddress,
}

impl Service {
    /// Longest name in characters, as the provider documents it.
    pub fn limit(self) -> usize {
        match self {
            Service::Kubernetes | Service::Bucket | Service::SqlInstance => 63,
            Service::CronWorkflow => 52,
            Service::WorkflowTemplate => 48,
            Service::StorageAccount | Service::KeyVault => 24,
            Service::AzureRegistry | Service::EventHubs => 50,
            Service::AksPool => 12,
            Service::Eks => 63,
            Service::Gke | Service::Cache | Service::Dashboard => 40,
            Service::SearchService => 60,
            Service::IamRole | Service::Warehouse | Service::Broker => 64,
            Service::GoogleServiceAccount => 30,
            Service::IdentityPool | Service::Collection => 32,
            Service::CosmosAccount => 44,
            Service::AzureResource => 80,
            Service::BigQuery => 1024,
            Service::TerraformAddress => 128,
        }
    }

    /// What stands between the words of a name; `None`: nothing.
    fn separator(self) -> Option<char> {
        match self {
            Service::StorageAccount | Service::AzureRegistry | Service::AksPool => None,
            Service::BigQuery | Service::TerraformAddress => Some('_'),
            Service::Kubernetes
            | Service::CronWorkflow
            | Service::WorkflowTemplate
            | Service::Bucket
            | Service::KeyVault
            | Service::Eks
            | Service::Gke
            | Service::IamRole
            | Service::GoogleServiceAccount
            | Service::IdentityPool
            | Service::CosmosAccount
            | Service::AzureResource
            | Service::SqlInstance
            | Service::Cache
            | Service::Warehouse
            | Service::Collection
            | Service::SearchService
            | Service::Broker
            | Service::EventHubs
            | Service::Dashboard => Some('-'),
        }
    }
}

/// Joins `parts` into a name that `service` takes.
///
/// Characters outside `[a-z0-9]` become separators; if that or the length limit loses anything but case, the name
/// ends in six hex digits of the whole, so that two different things never get one name.
pub fn name(service: Service, parts: &[&str]) -> String {
    let whole = parts
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("-");
    let separator = service.separator();
    let mut made = String::new();
    let mut lossy = false;
    for character in whole.chars() {
        let lower = character.to_ascii_lowercase();
        if lower.is_ascii_lowercase() || lower.is_ascii_digit() {
            made.push(lower);
        } else {
            // A hyphen is what names are joined with; only other characters lose information.
            lossy |= character != '-' && character != '.';
            if let Some(separator) = separator
                && !made.ends_with(separator)
            {
                made.push(separator);
            }
        }
    }
    let mut made: String =
        separator.map_or(made.clone(), |separator| made.trim_matches(separator).to_owned());
    if made.starts_with(|c: char| c.is_ascii_digit()) || made.is_empty() {
        made.insert(0, 'x');
    }
    if made.len() <= service.limit() && !lossy {
        return made;
    }
    let hash = short_hash(&whole);
    let keep = service
        .limit()
        .saturating_sub(hash.len() + usize::from(separator.is_some()));
    let mut cut: String = made.chars().take(keep).collect();
    if let Some(separator) = separator {
        cut = cut.trim_end_matches(separator).to_owned();
        cut.push(separator);
    }
    cut + &hash
}

/// Six hex digits of the sha256 of `text`.
pub fn short_hash(text: &str) -> String {
    let mut digits = sha256(text);
    digits.truncate(6);
    digits
}

/// The sha256 of `text` in hex.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Prefix of all labels and annotations that Portolan sets.
pub const LABEL: &str = "portolan";

/// Service account of the pods that move and commit data for a pipeline.
pub const EXECUTOR: &str = "portolan-executor";

/// Service account of the pods that start a pipeline's fragments in other clusters.
pub const CONDUCTOR: &str = "portolan-conductor";

/// Service account of the pods that put a run's result into service.
pub const DEPLOYER: &str = "portolan-deployer";

/// Group that a cluster maps the hub's identity to, in clusters that the hub starts fragments in.
pub const HUB_GROUP: &str = "portolan-hub";

/// Secret with a kubeconfig: one context for each other cluster, named as the platform says (`context=`) or as the
/// cluster is. It is used, never made.
pub const SPOKES: &str = "portolan-spokes";

/// `portolan/KEY`
pub fn label(key: &str) -> String {
    format!("{LABEL}/{key}")
}

/// A value for a Kubernetes label: at most 63 characters of `[A-Za-z0-9._-]`, alphanumeric at both ends.
pub fn label_value(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let ends = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric());
    if text.len() <= 63 && ends && text.chars().all(plain) {
        text.to_owned()
    } else {
        name(Service::Kubernetes, &[text])
    }
}

/// A key or value of a label in Google's cloud: at most 63 of `[a-z0-9_-]`.
pub fn google_label(text: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain) {
        text.to_owned()
    } else {
        name(Service::Kubernetes, &[text])
    }
}

/// What tokens of a foreign cluster's pods must be made for, to be exchanged for rights in a cloud.
pub fn token_audience(provider: crate::catalog::Provider) -> &'static str {
    use crate::catalog::Provider;
    match provider {
        Provider::Aws => "sts.amazonaws.com",
        Provider::Azure => "api://AzureADTokenExchange",
        Provider::Gcp => "sts.googleapis.com",
    }
}

/// `EHR_CLEAN` for `ehr-clean`: the form in which names appear in environment variables.
pub fn environment(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// The namespace of a pipeline: the cluster's own if it names one.
pub fn namespace(prefix: &str, pipeline: &str, chosen: Option<&str>) -> String {
    chosen.map_or_else(|| name(Service::Kubernetes, &[prefix, pipeline]), str::to_owned)
}

/// The service account of a step: the cluster's own if it names one.
pub fn service_account(step: &str, chosen: Option<&str>) -> String {
    chosen.map_or_else(|| name(Service::Kubernetes, &[step]), str::to_owned)
}

/// Name of an alert: `CancerRiskServeLatencyP99` for `cancer-risk`, `serve`, `latency p99`.
pub fn alert(parts: &[&str]) -> String {
    let whole = parts.join(" ");
    let words = whole.split(|c: char| !c.is_alphanumeric());
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect::<Vec<char>>()
        })
        .collect()
}

/// What Kubernetes objects of a step are called. Pipelines that share a namespace are told apart.
pub fn object(pipeline: &str, step: &str, chosen_namespace: Option<&str>) -> String {
    match chosen_namespace {
        Some(_) => name(Service::Kubernetes, &[pipeline, step]),
        None => name(Service::Kubernetes, &[step]),
    }
}

/// Labels of everything that is made, and of what belongs to `pipeline`.
pub fn labels(pipeline: Option<&str>) -> std::collections::BTreeMap<String, String> {
    let managed = ("app.kubernetes.io/managed-by".to_owned(), LABEL.to_owned());
    let pipeline = pipeline.map(|name| (label("pipeline"), label_value(name)));
    std::iter::once(managed).chain(pipeline).collect()
}

/// Role, identity or account of the pods of cluster `visitor` that read `pipeline`'s data at the site of `cluster`.
pub fn visitor(service: Service, prefix: &str, cluster: &str, pipeline: &str, visitor: &str) -> String {
    name(service, &[prefix, cluster, pipeline, "for", visitor])
}

/// The cloud's identity of a Kubernetes service account.
pub fn identity(service: Service, cluster: &str, namespace: &str, service_account: &str) -> String {
    name(service, &[cluster, namespace, service_account])
}

/// The ConfigMap that says which run an always-on step serves. Runs write it, nothing else does.
pub fn release(object: &str) -> String {
    name(Service::Kubernetes, &[object, "release"])
}

/// Image that is built for a step: `<registry>/<pipeline>-<step>:<tag>`.
pub fn built_image(registry: &str, pipeline: &str, step: &str, tag: &str) -> String {
    format!("{}/{pipeline}-{step}:{tag}", registry.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_kept_and_long_ones_hashed() {
        assert_eq!(
            name(Service::Bucket, &["acme", "cancer-risk", "handoff"]),
            "acme-cancer-risk-handoff"
        );
        let long = name(Service::StorageAccount, &["acme", "cancer-risk", "westeurope"]);
        assert_eq!(long.len(), 24, "{long}");
        assert!(long.starts_with("acmecancerriskwest"), "{long}");
        assert_eq!(name(Service::AksPool, &["t4"]), "t4");
        assert_eq!(name(Service::TerraformAddress, &["risk-model"]), "risk_model");
        assert_ne!(
            name(Service::Kubernetes, &["a_b"]),
            name(Service::Kubernetes, &["a-b"])
        );
    }
}
