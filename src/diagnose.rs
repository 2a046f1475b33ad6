//! Metrics and dependencies around an incident -> its probable causes, best first.
//!
//! ```text
//! metrics     a table: time, and a column for each series `node|metric`
//! calls       who depends on whom: a fault of the callee shows at its callers
//! deviation   how far a series is from its normal course, in robust standard deviations
//! family      what kind of metric it is: latency, errors, traffic, resources
//! blame       series -> nodes: families add up, and callers pass blame on to those they call
//! clear       is there enough to name a cause at all
//! answer      what is said
//! topology    what stands on what, from a plan
//! alerts      what Prometheus and Alertmanager say
//! range       what Prometheus says of the hours around it
//! onset       since when a series is not as it was
//! storm       alerts -> super-alerts, one a cause
//! join        what both say
//! ```
//!
//! The method in short. A series deviates by the 75th percentile of its distances from the baseline's median, over a
//! scale that is never smaller than the standard deviation or 2 % of its usual size: without these floors, constant
//! and bursty series win every ranking. Each node adds up the logarithm of its worst deviation in each family; traffic
//! counts half, because it changes wherever users feel the fault. Half of a caller's latency and errors is passed to
//! whom it calls, in proportion to the square of their own blame. If it is known what alerted, series count by the square
//! of their correlation with it, only if they got worse, and less if what alerted does not depend on their node. Significance never ranks (it saturates
//! with the number of samples): it only decides whether a cause may be named.

pub mod alerts;
pub mod answer;
mod blame;
pub mod calls;
mod clear;
mod deviation;
mod family;
mod join;
pub mod metrics;
mod onset;
pub mod range;
pub mod storm;
pub mod topology;

pub use answer::{Cause, Diagnosis, Evidence, RuledOut, SuperAlert};
pub use calls::Calls;
pub use join::join;
pub use metrics::{Metrics, SeriesName};
pub use topology::Topology;

/// What is known of one incident.
#[derive(Clone, Copy, Debug)]
pub struct Incident<'a> {
    /// What was measured, before and after.
    pub metrics: &'a Metrics,
    /// What was measured when all was well; else the rows of `metrics` before `at`.
    pub baseline: Option<&'a Metrics>,
    /// Who depends on whom.
    pub calls: &'a Calls,
    /// When it began, in seconds since 1970.
    pub at: f64,
    /// What alerted, if something did.
    pub target: Option<&'a SeriesName>,
}

/// The probable causes of `incident`.
pub fn diagnose(incident: &Incident<'_>) -> Diagnosis {
    let symptoms = deviation::symptoms(incident);
    let ranking = blame::rank(&symptoms, incident);
    let clear = clear::is_clear(&symptoms, incident);
    answer::answer(&symptoms, &ranking, clear, incident)
}
