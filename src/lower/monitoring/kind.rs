//! What alerts are about. The label `kind` says it, inhibition goes by it, and each has its runbook.

/// What an alert is about; what explains others comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The hub hears nothing of a cluster.
    Site,
    /// Half of a cluster's machines are lost.
    Cluster,
    /// Half of a pool's machines are lost.
    Pool,
    /// An accelerator reports a fault.
    Gpu,
    /// Many spot machines are reclaimed at once.
    Spot,
    /// Data that another cluster waits for is old.
    Handover,
    /// Pods wait for machines.
    Queue,
    /// More leaves a cluster than was planned.
    Egress,
    /// A promised age of data is exceeded.
    Freshness,
    /// A run is late.
    Deadline,
    /// An `expect` does not hold.
    Expect,
    /// A value is far from its own past.
    Anomaly,
    /// A promised availability is missed.
    Availability,
    /// A promised latency is missed.
    Latency,
    /// Money.
    Budget,
    /// A step used more or less than was predicted.
    Profile,
    /// A rule of the author's own.
    Own,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 17] = [
        Kind::Site,
        Kind::Cluster,
        Kind::Pool,
        Kind::Gpu,
        Kind::Spot,
        Kind::Handover,
        Kind::Queue,
        Kind::Egress,
        Kind::Freshness,
        Kind::Deadline,
        Kind::Expect,
        Kind::Anomaly,
        Kind::Availability,
        Kind::Latency,
        Kind::Budget,
        Kind::Profile,
        Kind::Own,
    ];

    /// What a fault upstream can cause downstream: later or worse data. A service keeps answering with its old model.
    pub const OF_DATA: [Kind; 7] = [
        Kind::Handover,
        Kind::Queue,
        Kind::Freshness,
        Kind::Deadline,
        Kind::Expect,
        Kind::Anomaly,
        Kind::Profile,
    ];

    /// Value of the label `kind`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Site => "site",
            Kind::Cluster => "cluster",
            Kind::Pool => "pool",
            Kind::Gpu => "gpu",
            Kind::Spot => "spot",
            Kind::Handover => "handover",
            Kind::Queue => "queue",
            Kind::Egress => "egress",
            Kind::Freshness => "freshness",
            Kind::Deadline => "deadline",
            Kind::Expect => "expect",
            Kind::Anomaly => "anomaly",
            Kind::Availability => "availability",
            Kind::Latency => "latency",
            Kind::Budget => "budget",
            Kind::Profile => "profile",
            Kind::Own => "alert",
        }
    }
}
