//! What would be different: offers that are gone, other prices, other quotas.

mod pattern;
mod read;

use super::offers::Offer;
use super::sites::Ground;
use crate::catalog::Provider;
use crate::graph::model::{Platform, Quota};
use crate::quantity::MicroUsd;
use crate::source::SourceId;
use crate::source::Span;
pub use pattern::Pattern;
pub use read::Asked;

/// The name of the source in which changes stand, where a message shows it.
pub const SOURCE: &str = "<command line>";

/// Everything that is taken to be different from what the platform and the catalogue say.
#[derive(Clone, Debug, Default)]
pub struct Changes(pub Vec<Change>);

/// One difference.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it was asked for: `without aws.us-east-1`.
    pub text: String,
    /// Where that stands.
    pub span: Span,
    /// What it says.
    pub kind: ChangeKind,
}

/// What a change says.
#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// These offers are not to be had.
    Without(Pattern),
    /// These offers have another price.
    Price(Pattern, Repricing),
    /// A quota that replaces the platform's of the same kind, in a cloud or one region of it.
    Quota {
        /// The cloud.
        provider: Provider,
        /// The region, unless it is about all of the cloud.
        region: Option<String>,
        /// What is limited.
        quota: Quota,
    },
}

/// How a price changes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Repricing {
    /// Times what it was.
    Factor(f64),
    /// Per machine and hour.
    Hourly(MicroUsd),
}

/// A quota of the platform, and where it holds.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'p> {
    /// What is limited.
    pub quota: &'p Quota,
    /// In this cloud.
    pub provider: Provider,
    /// In this region, or all of the cloud's.
    pub region: Option<&'p str>,
}

impl Changes {
    /// The text of all changes, one a line: what their spans lie in.
    pub fn source(&self) -> String {
        self.0.iter().map(|change| format!("{}\n", change.text)).collect()
    }

    /// The same changes, with spans in the source `id`, which has to be that of [`Changes::source`].
    pub fn at(mut self, id: SourceId) -> Changes {
        let mut start = 0;
        for change in &mut self.0 {
            change.span = Span::new(id, start, change.text.len());
            if let ChangeKind::Quota { quota, .. } = &mut change.kind {
                quota.span = change.span;
            }
            start += change.text.len() + 1;
        }
        self
    }

    /// Offers that are gone, each with its change.
    pub fn losses(&self) -> impl Iterator<Item = (&Change, &Pattern)> {
        self.0.iter().filter_map(|change| match &change.kind {
            ChangeKind::Without(pattern) => Some((change, pattern)),
            ChangeKind::Price(..) | ChangeKind::Quota { .. } => None,
        })
    }

    /// True if all of the site is gone.
    pub fn lose(&self, site: &Ground<'_>) -> bool {
        self.losses().any(|(_, pattern)| pattern.is_site(site))
    }

    /// Sets the prices of `offers`, in the order of the changes.
    pub fn reprice(&self, sites: &[Ground<'_>], offers: &mut [Offer]) {
        for change in &self.0 {
            let (pattern, repricing) = match &change.kind {
                ChangeKind::Price(pattern, repricing) => (pattern, repricing),
                ChangeKind::Without(_) | ChangeKind::Quota { .. } => continue,
            };
            for offer in offers.iter_mut() {
                let site = sites.get(offer.site);
                if site.is_some_and(|site| pattern.is_offer(site, offer)) {
                    offer.hourly = repricing.of(offer.hourly);
                    offer.basis = format!("{}, {}", offer.basis, change.text);
                }
            }
        }
    }

    /// The quotas that hold: the platform's, but for those that a change replaces, then the changes', the last of a
    /// kind.
    pub fn quotas<'p>(&'p self, platform: &'p Platform) -> Vec<Quoted<'p>> {
        let mut all: Vec<Quoted<'p>> = Vec::new();
        for cloud in &platform.clouds {
            let provider = cloud.provider;
            let of_cloud = cloud.quotas.iter().map(|quota| (None, quota));
            let of_regions = cloud.regions.iter().flat_map(|region| {
                let name = Some(region.name.value.as_str());
                region.quotas.iter().map(move |quota| (name, quota))
            });
            let own = of_cloud.chain(of_regions);
            all.extend(own.map(|(region, quota)| Quoted {
                quota,
                provider,
                region,
            }));
        }
        for change in &self.0 {
            if let ChangeKind::Quota {
                provider,
                region,
                quota,
            } = &change.kind
            {
                let new = Quoted {
                    quota,
                    provider: *provider,
                    region: region.as_deref(),
                };
                all.retain(|known| !known.is_like(&new));
                all.push(new);
            }
        }
        all
    }
}

impl Repricing {
    /// The new price.
    fn of(self, hourly: MicroUsd) -> MicroUsd {
        match self {
            Repricing::Factor(factor) => hourly.times(factor),
            Repricing::Hourly(price) => price,
        }
    }
}

impl Quoted<'_> {
    /// True if both limit the same things in the same place.
    fn is_like(&self, other: &Quoted<'_>) -> bool {
        (self.provider, self.region, &self.quota.of, self.quota.pricing)
            == (other.provider, other.region, &other.quota.of, other.quota.pricing)
    }
}
