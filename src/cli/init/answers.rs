//! What a new project is about, said by options or asked one by one.

use std::io::{BufRead, Write};

use super::Options;
use crate::catalog::{Catalog, Provider};
use crate::diag::suggest::did_you_mean;
use crate::syntax::is_name;

/// All that the files of a project depend on. Names and regions are checked, so that they need no quotes.
pub struct Answers {
    /// The pipeline's.
    pub name: String,
    /// The team's.
    pub owner: String,
    /// Where work may run.
    pub cloud: Provider,
    /// At least one; the first has the data.
    pub regions: Vec<String>,
}

impl Answers {
    /// From options, and what is usual for those that are not said.
    ///
    /// # Errors
    /// Says which option is wrong.
    pub fn said(options: &Options, catalog: &Catalog) -> Result<Answers, String> {
        let cloud = options.cloud.unwrap_or(Provider::Aws);
        let or_usual = |said: &Option<String>, usual: &str| name(said.as_deref().unwrap_or(usual));
        let regions = if options.region.is_empty() {
            usual(cloud).split(' ').map(str::to_owned).collect()
        } else {
            options.region.clone()
        };
        for region in &regions {
            known(catalog, cloud, region)?;
        }
        Ok(Answers {
            name: or_usual(&options.name, "churn").map_err(|why| format!("--name: {why}"))?,
            owner: or_usual(&options.owner, "growth").map_err(|why| format!("--owner: {why}"))?,
            cloud,
            regions,
        })
    }

    /// Asks; an empty answer takes what stands in brackets.
    ///
    /// # Errors
    /// The answers end, or cannot be read.
    pub fn ask(from: &mut impl BufRead, to: &mut impl Write, catalog: &Catalog) -> Result<Answers, String> {
        let pipeline = question(from, to, "Name of the pipeline", "churn", name)?;
        let owner = question(from, to, "Team that owns it and gets its alerts", "growth", name)?;
        let cloud = question(from, to, "Cloud (aws, azure, gcp)", "aws", super::provider)?;
        let regions = |text: &str| -> Result<Vec<String>, String> {
            let regions = text.split([' ', ',']).filter(|word| !word.is_empty());
            let regions: Vec<String> = regions.map(str::to_owned).collect();
            regions
                .iter()
                .try_for_each(|region| known(catalog, cloud, region))?;
            Ok(regions)
        };
        Ok(Answers {
            name: pipeline,
            owner,
            cloud,
            regions: question(from, to, "Regions; the first has the data", usual(cloud), regions)?,
        })
    }
}

/// Asks until the answer can be read.
fn question<T>(
    from: &mut impl BufRead,
    to: &mut impl Write,
    what: &str,
    usual: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    loop {
        let asked = write!(to, "{what} [{usual}]: ").and_then(|()| to.flush());
        asked.map_err(|error| error.to_string())?;
        let mut line = String::new();
        if from.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
            return Err(format!("no answer to `{what}`; nothing was written"));
        }
        let answer = Some(line.trim()).filter(|line| !line.is_empty()).unwrap_or(usual);
        match read(answer) {
            Ok(answer) => return Ok(answer),
            Err(why) => writeln!(to, "  {why}").map_err(|error| error.to_string())?,
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}`: a name has lower-case letters and digits, with `-` between words"
        ))
    }
}

fn known(catalog: &Catalog, cloud: Provider, region: &str) -> Result<(), String> {
    if catalog.region(cloud, region).is_some() {
        return Ok(());
    }
    let all = catalog.regions(cloud).map(|region| region.name.as_str());
    let near = did_you_mean(region, all).map(|near| format!("; {near}"));
    Err(format!(
        "{cloud} has no region `{region}`{}",
        near.unwrap_or_default()
    ))
}

/// Two regions of the European Union, so that there is something to choose from.
fn usual(cloud: Provider) -> &'static str {
    match cloud {
        Provider::Aws => "eu-west-1 eu-central-1",
        Provider::Azure => "westeurope northeurope",
        Provider::Gcp => "europe-west4 europe-west1",
    }
}
