//! Changes as they are asked for -> changes, with suggestions for names that nothing has.

use super::pattern::{fits, names};
use super::{Change, ChangeKind, Changes, Pattern, Repricing};
use crate::catalog::{Catalog, Pricing, Provider};
use crate::diag::suggest::did_you_mean;
use crate::graph::model::{Platform, Quota, QuotaOf};
use crate::place::offers::{Offer, offers};
use crate::place::sites::{Ground, sites};
use crate::quantity::{MicroUsd, Per, Quantity, QuantityType, parse};
use crate::source::Span;

/// Greatest factor by which a price may change, and greatest quota: beyond, figures are a slip of the hand.
const MOST: f64 = 1e9;

/// Changes as the command line has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'t> {
    /// `aws.us-east-1`
    pub without: &'t [String],
    /// `aws.*=+20%`
    pub price: &'t [String],
    /// `aws.us-east-1 gpu=H100 gpus=24`
    pub quota: &'t [String],
}

impl Asked<'_> {
    /// True if nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.without.is_empty() && self.price.is_empty() && self.quota.is_empty()
    }

    /// The changes, in the order of the fields.
    ///
    /// # Errors
    /// The first text that cannot be read or is about nothing that the platform has, and what may be meant.
    pub fn read(&self, platform: &Platform, catalog: &Catalog) -> Result<Changes, String> {
        let sites = sites(platform, catalog);
        let sold = sites.iter().enumerate();
        let offers = sold.flat_map(|(at, site)| offers(at, site, catalog)).collect();
        let market = Market {
            platform,
            catalog,
            sites,
            offers,
        };
        let mut changes = Vec::new();
        let mut add = |option: &str, text: &String, kind: Result<ChangeKind, String>| {
            let kind = kind.map_err(|why| format!("--{option} {text}: {why}"))?;
            changes.push(Change {
                text: format!("{option} {text}"),
                span: Span::default(),
                kind,
            });
            Ok::<(), String>(())
        };
        for text in self.without {
            add("without", text, market.pattern(text).map(ChangeKind::Without))?;
        }
        for text in self.price {
            add("price", text, market.price(text))?;
        }
        for text in self.quota {
            add("quota", text, market.quota(text))?;
        }
        Ok(Changes(changes))
    }
}

/// What changes may be about.
struct Market<'a> {
    platform: &'a Platform,
    catalog: &'a Catalog,
    sites: Vec<Ground<'a>>,
    offers: Vec<Offer>,
}

impl Market<'_> {
    /// A pattern that is about some offer.
    fn pattern(&self, text: &str) -> Result<Pattern, String> {
        let pattern = Pattern::new(text);
        let mut known: Vec<String> = Vec::new();
        let mut met = false;
        for offer in &self.offers {
            if let Some(site) = self.sites.get(offer.site) {
                met |= pattern.is_offer(site, offer);
                known.extend(names(site, offer));
            }
        }
        if met {
            return Ok(pattern);
        }
        known.sort_unstable();
        known.dedup();
        let strange = pattern
            .parts()
            .iter()
            .find(|part| !known.iter().any(|name| fits(part, name)));
        Err(match strange {
            Some(part) => {
                let near = did_you_mean(part, known.iter().map(String::as_str));
                let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                format!("the platform has no cloud, site, machine, pricing or node group `{part}`{near}")
            }
            None => "each of these names is known, but nothing on offer has all of them".to_owned(),
        })
    }

    /// `aws.*=+20%`
    fn price(&self, text: &str) -> Result<ChangeKind, String> {
        let (pattern, change) = text
            .rsplit_once('=')
            .ok_or("it is written as WHAT=CHANGE: `aws.*=+20%`, `p5.48xlarge=\"60 USD/hour\"`")?;
        Ok(ChangeKind::Price(
            self.pattern(pattern.trim())?,
            repricing(change.trim())?,
        ))
    }

    /// `aws.us-east-1 gpu=H100 gpus=24`
    fn quota(&self, text: &str) -> Result<ChangeKind, String> {
        let mut words = text.split_whitespace();
        let place = words.next().ok_or("it names no cloud or region")?;
        let (provider, region) = self.place(place)?;
        let (mut gpu, mut limit, mut pricing) = (None, None, Pricing::OnDemand);
        for word in words {
            let (key, value) = word
                .split_once('=')
                .ok_or_else(|| format!("`{word}` is not of the form KEY=VALUE"))?;
            match key {
                "gpu" => gpu = Some(self.accelerator(value)?),
                "gpus" | "cores" => {
                    if limit.is_some() {
                        return Err("it limits two things: ask for each with a --quota of its own".to_owned());
                    }
                    limit = Some((key, amount(value)?));
                }
                "pricing" => {
                    pricing = Pricing::parse(value)
                        .ok_or_else(|| unknown("pricing", value, ["on-demand", "spot", "reserved"]))?;
                }
                other => return Err(unknown("property", other, ["gpu", "gpus", "cores", "pricing"])),
            }
        }
        let (of, limit) = match (limit, gpu) {
            (Some(("gpus", limit)), gpu) => (QuotaOf::Gpus(gpu), limit),
            (Some((_, limit)), None) => (QuotaOf::Cores, limit),
            (Some(_), Some(_)) => return Err("`gpu` goes with `gpus`, not with `cores`".to_owned()),
            (None, _) => return Err("it limits nothing: add `gpus=16` or `cores=3000`".to_owned()),
        };
        Ok(ChangeKind::Quota {
            provider,
            region,
            quota: Quota {
                of,
                limit,
                pricing,
                span: Span::default(),
            },
        })
    }

    /// A cloud of the platform, or one of its regions.
    fn place(&self, name: &str) -> Result<(Provider, Option<String>), String> {
        let mut known = Vec::new();
        for cloud in &self.platform.clouds {
            let provider = cloud.provider;
            known.push((provider.to_string(), (provider, None)));
            for region in &cloud.regions {
                let region = &region.name.value;
                known.push((format!("{provider}.{region}"), (provider, Some(region.clone()))));
            }
        }
        match known.iter().find(|(known, _)| known == name) {
            Some((_, place)) => Ok(place.clone()),
            None => Err(unknown(
                "cloud or region of the platform",
                name,
                known.iter().map(|(name, _)| name.as_str()),
            )),
        }
    }

    /// An accelerator that the catalogue knows, as it spells it.
    fn accelerator(&self, model: &str) -> Result<String, String> {
        let known = self.catalog.accelerators();
        let same = known.iter().find(|known| known.eq_ignore_ascii_case(model));
        same.map(|known| (*known).to_owned())
            .ok_or_else(|| unknown("accelerator", model, known.iter().copied()))
    }
}

/// `+20%`, `-10%`, `2x`, `3.20 USD/hour`
fn repricing(text: &str) -> Result<Repricing, String> {
    const FORMS: &str = "a change is `+20%`, `-10%`, `2x` or a price like `3.20 USD/hour`";
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1.0, rest),
        (None, Some(rest)) => (-1.0, rest),
        (None, None) => (0.0, text),
    };
    if sign != 0.0 {
        let Ok(Quantity::Percent(share)) = parse(QuantityType::Percent, rest) else {
            return Err(FORMS.to_owned());
        };
        return factor(1.0 + sign * share.0);
    }
    if let Ok(Quantity::Factor(times)) = parse(QuantityType::Factor, text) {
        return factor(times);
    }
    match parse(QuantityType::Money, text.trim_matches('"')) {
        Ok(Quantity::Money {
            amount,
            currency,
            per: Some(Per::Hour),
        }) if currency == "USD" && amount >= MicroUsd::ZERO && amount.in_usd() <= MOST => {
            Ok(Repricing::Hourly(amount))
        }
        _ => Err(FORMS.to_owned()),
    }
}

fn factor(factor: f64) -> Result<Repricing, String> {
    if factor < 0.0 {
        return Err("nothing costs less than nothing: at most -100%".to_owned());
    }
    if factor > MOST {
        return Err(format!("a price does not change {factor:.0}-fold"));
    }
    Ok(Repricing::Factor(factor))
}

fn amount(text: &str) -> Result<f64, String> {
    let digits: String = text.chars().filter(|digit| *digit != '_').collect();
    match digits.parse::<f64>() {
        Ok(amount) if (0.0..=MOST).contains(&amount) => Ok(amount),
        Ok(_) => Err(format!("`{text}` is not between 0 and {MOST:.0}")),
        Err(_) => Err(format!("`{text}` is no number")),
    }
}

fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let near = did_you_mean(name, known);
    let near = near.map(|near| format!("; {near}")).unwrap_or_default();
    format!("there is no {what} `{name}`{near}")
}
