//! The files of a new project. The texts beside this file are a project as it stands; answers replace words of it.

use super::answers::Answers;
use crate::catalog::{Catalog, Place, Provider};

/// All files, so that none is overwritten.
pub const PATHS: [&str; 5] = [
    "README.md",
    "pipeline.kdl",
    "platform.kdl",
    "steps/train/main.py",
    "steps/train/requirements.txt",
];

/// Path and text of each.
pub fn files(answers: &Answers, catalog: &Catalog) -> Vec<(&'static str, String)> {
    let texts = [
        include_str!("README.md").replace("# churn", &format!("# {}", answers.name)),
        pipeline(answers, catalog),
        platform(answers),
        include_str!("train.py").to_owned(),
        include_str!("requirements.txt").to_owned(),
    ];
    PATHS.into_iter().zip(texts).collect()
}

fn pipeline(answers: &Answers, catalog: &Catalog) -> String {
    let first = answers.regions.first().map_or("", String::as_str);
    let countries = answers.regions.iter();
    let countries = countries.filter_map(|region| catalog.region(answers.cloud, region));
    let mut countries: Vec<&str> = countries.map(|region| region.country.code()).collect();
    let near = countries.first().copied().unwrap_or("world");
    countries.dedup();
    // A residency that the regions can keep: the union where they all are in it.
    let residency = if countries.iter().all(|country| Place::Eu.contains(country)) {
        "eu".to_owned()
    } else {
        countries.join(" ")
    };
    include_str!("pipeline.kdl")
        .replace("pipeline churn ", &format!("pipeline {} ", answers.name))
        .replace("owner growth", &format!("owner {}", answers.owner))
        .replace("aws.eu-west-1", &format!("{}.{first}", answers.cloud))
        .replace("s3://example-lake/customers", customers(answers.cloud))
        .replace("residency eu ", &format!("residency {residency} "))
        .replace("from=pt", &format!("from={near}"))
}

fn platform(answers: &Answers) -> String {
    let first = answers.regions.first().map_or("", String::as_str);
    let state = match answers.cloud {
        Provider::Aws => format!("\"s3://example-terraform/ml\" region={first}"),
        Provider::Azure => "\"azurerm://exampletfstate/ml\"".to_owned(),
        Provider::Gcp => "\"gs://example-terraform/ml\"".to_owned(),
    };
    let account = match answers.cloud {
        Provider::Aws => "account=\"123456789012\"",
        Provider::Azure => "subscription=\"00000000-0000-4000-8000-000000000000\"",
        Provider::Gcp => "project=example-ml",
    };
    include_str!("platform.kdl")
        .replace("\"s3://example-terraform/ml\" region=eu-west-1", &state)
        .replace(
            "aws account=\"123456789012\"",
            &format!("{} {account}", answers.cloud),
        )
        .replace("eu-west-1 eu-central-1", &answers.regions.join(" "))
        .replace("receiver growth ", &format!("receiver {} ", answers.owner))
        .replace("\"#growth\"", &format!("\"#{}\"", answers.owner))
}

fn customers(cloud: Provider) -> &'static str {
    match cloud {
        Provider::Aws => "s3://example-lake/customers",
        Provider::Azure => "https://examplelake.blob.core.windows.net/customers",
        Provider::Gcp => "gs://example-lake/customers",
    }
}
