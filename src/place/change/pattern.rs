//! Which offers a change is about: `aws`, `aws.*`, `p5.48xlarge`, `aws.us-east-1/spot`.

use crate::catalog::Provider;
use crate::place::model::Site;
use crate::place::offers::Offer;
use crate::place::sites::Ground;

/// Names, of which each has to be one of an offer's: its cloud, site, machine, pricing or node group. `*` stands for
/// any text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// The pattern whose parts stand between slashes.
    pub fn new(text: &str) -> Pattern {
        Pattern(text.split('/').map(str::to_owned).collect())
    }

    /// Its parts.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// True if it is about this offer.
    pub fn is_offer(&self, site: &Ground<'_>, offer: &Offer) -> bool {
        self.is_named(&names(site, offer))
    }

    /// True if it is about all that the site sells.
    pub fn is_site(&self, site: &Ground<'_>) -> bool {
        self.is_named(&site_names(site))
    }

    /// The same of a site of a plan.
    pub fn is_planned(&self, site: &Site) -> bool {
        let region = site.region.as_ref();
        let region = region.map(|(provider, region)| (*provider, region.as_str()));
        self.is_named(&place_names(region, &site.name))
    }

    fn is_named(&self, names: &[String]) -> bool {
        let known = |part: &String| names.iter().any(|name| fits(part, name));
        self.0.iter().all(known)
    }
}

fn site_names(site: &Ground<'_>) -> Vec<String> {
    let region = site.region;
    let region = region.map(|at| (at.cloud.provider, at.region.name.value.as_str()));
    place_names(region, &site.name)
}

/// What a site is called, and the cloud and region it is in.
fn place_names(region: Option<(Provider, &str)>, site: &str) -> Vec<String> {
    let mut names = vec![site.to_owned()];
    if let Some((provider, region)) = region {
        names.extend([provider.to_string(), format!("{provider}.{region}")]);
    }
    names
}

/// What an offer may be called.
pub fn names(site: &Ground<'_>, offer: &Offer) -> Vec<String> {
    let mut names = site_names(site);
    names.extend([offer.machine.clone(), offer.pricing.word().to_owned()]);
    names.extend(
        offer
            .nodes()
            .map(|group| format!("{}.{group}", site.cluster_name)),
    );
    names
}

/// True if `name` is `pattern`, where each `*` stands for any text.
pub fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    // The first place where a piece stands leaves most to the others.
    for piece in pieces {
        let Some((_, after)) = name.split_once(piece) else {
            return false;
        };
        name = after;
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, name) in [
            ("aws", "aws"),
            ("aws.*", "aws.eu-west-1"),
            ("*", "lab"),
            ("*.*-east-*", "aws.us-east-1"),
            ("**1", "aws.us-east-1"),
            ("p5*.48xlarge", "p5.48xlarge"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("aws", "aws.eu-west-1"),
            ("aws.*", "aws"),
            ("*a*a", "ba"),
            ("p5.*xlarge*2", "p5.48xlarge"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
