//! Which fields of a document are read, and which may be left out because they change neither what runs, nor in which
//! order, nor with which values.

/// The fields of one kind of object.
pub struct Keys {
    /// Those that become something.
    pub read: &'static [&'static str],
    /// Those left out, and why that is no harm.
    pub left_out: &'static [(&'static str, &'static str)],
}

const ACCOUNT: &str = "every step gets an account of its own";
const CLEANUP: &str = "what is made cleans up after itself by its own rules";
const PLACED: &str = "the plan decides where a step runs";
const LABELS: &str = "what is made has labels and annotations of its own";
const MEASURED: &str = "steps are measured without being asked";
const LIMITS: &str = "how much runs at once follows from what clusters hold";
const SECURED: &str = "pods are as restricted as they can be";

/// `spec` of a workflow.
pub const SPEC: Keys = Keys {
    read: &[
        "entrypoint",
        "templates",
        "arguments",
        "onExit",
        "volumes",
        "activeDeadlineSeconds",
        "workflowTemplateRef",
        // Matters only where a step mounts it, which is then reported.
        "volumeClaimTemplates",
    ],
    left_out: &[
        ("serviceAccountName", ACCOUNT),
        ("automountServiceAccountToken", ACCOUNT),
        ("executor", ACCOUNT),
        ("imagePullSecrets", "registries are the platform's"),
        ("podGC", CLEANUP),
        ("ttlStrategy", CLEANUP),
        ("artifactGC", CLEANUP),
        ("archiveLogs", CLEANUP),
        ("artifactRepositoryRef", "the plan decides where data is kept"),
        ("volumeClaimGC", CLEANUP),
        ("podMetadata", LABELS),
        ("workflowMetadata", LABELS),
        ("metrics", MEASURED),
        ("parallelism", LIMITS),
        ("priority", LIMITS),
        ("podPriorityClassName", LIMITS),
        ("podDisruptionBudget", PLACED),
        ("nodeSelector", PLACED),
        ("affinity", PLACED),
        ("tolerations", PLACED),
        ("schedulerName", PLACED),
        ("podResources", "needs are predicted"),
        ("securityContext", SECURED),
        ("dnsConfig", "the network is the platform's"),
        ("dnsPolicy", "the network is the platform's"),
    ],
};

/// `spec` of a cron workflow.
pub const CRON: Keys = Keys {
    read: &[
        "workflowSpec",
        "schedule",
        "schedules",
        "timezone",
        "concurrencyPolicy",
        "startingDeadlineSeconds",
    ],
    left_out: &[
        ("successfulJobsHistoryLimit", CLEANUP),
        ("failedJobsHistoryLimit", CLEANUP),
        ("workflowMetadata", LABELS),
        ("suspend", "remove the schedule to pause it"),
    ],
};

/// A template.
pub const TEMPLATE: Keys = Keys {
    read: &[
        "name",
        "inputs",
        "outputs",
        "container",
        "script",
        "dag",
        "steps",
        "retryStrategy",
        "timeout",
        "activeDeadlineSeconds",
        "memoize",
        "volumes",
        "nodeSelector",
        "parallelism",
    ],
    left_out: &[
        ("metadata", LABELS),
        ("annotations", LABELS),
        ("metrics", MEASURED),
        ("serviceAccountName", ACCOUNT),
        ("automountServiceAccountToken", ACCOUNT),
        ("executor", ACCOUNT),
        ("affinity", PLACED),
        ("tolerations", PLACED),
        ("schedulerName", PLACED),
        ("priorityClassName", LIMITS),
        (
            "failFast",
            "steps that do not depend on one that failed still end",
        ),
        ("archiveLocation", "the plan decides where data is kept"),
        ("podResources", "needs are predicted"),
        ("securityContext", SECURED),
    ],
};

/// A container or script.
pub const CONTAINER: Keys = Keys {
    read: &[
        "image",
        "command",
        "args",
        "source",
        "env",
        "resources",
        "volumeMounts",
        "name",
    ],
    left_out: &[
        ("imagePullPolicy", "images are pinned by digest"),
        ("securityContext", SECURED),
        ("ports", "ports are declared for the reader only"),
        ("terminationMessagePolicy", LABELS),
        ("terminationMessagePath", LABELS),
    ],
};

/// A task of a graph, or a step.
pub const TASK: Keys = Keys {
    read: &[
        "name",
        "template",
        "templateRef",
        "inline",
        "arguments",
        "depends",
        "dependencies",
        "when",
        "withItems",
        "withParam",
        "withSequence",
    ],
    left_out: &[],
};

/// A graph.
pub const DAG: Keys = Keys {
    read: &["tasks"],
    left_out: &[(
        "failFast",
        "steps that do not depend on one that failed still end",
    )],
};

/// How a template is tried again.
pub const RETRY: Keys = Keys {
    read: &["limit", "retryPolicy", "backoff"],
    left_out: &[("affinity", PLACED)],
};
