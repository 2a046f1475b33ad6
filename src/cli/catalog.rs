//! `portolan catalog`: what the catalogue knows, with dates and how each figure is known.

mod list;
mod show;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::{Outcome, table};
use crate::catalog::{Catalog, Provider};
use crate::render;

/// Look things up in the price catalogue
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// List regions, machines or accelerators
    List {
        /// What to list
        #[arg(value_enum, default_value = "regions")]
        what: list::Kind,
        /// Of one cloud only
        #[arg(long, value_parser = cloud)]
        cloud: Option<Provider>,
        /// For people or for programs
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show a region (`aws.eu-west-1`) with its prices, or a machine type (`p5.48xlarge`) with its regions
    Show {
        /// A region or a machine type
        name: String,
        /// Only machines with this accelerator
        #[arg(long, value_name = "MODEL")]
        gpu: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: money in micro-USD, sizes in bytes.
    Json,
}

fn cloud(word: &str) -> Result<Provider, String> {
    Provider::parse(word).ok_or_else(|| "it is one of aws, azure, gcp".to_owned())
}

/// Looks it up and prints it.
pub fn run(options: &Options) -> Outcome {
    let catalog = Catalog::built_in();
    let (answer, format) = match &options.what {
        What::List { what, cloud, format } => (Ok(list::list(&catalog, *what, *cloud)), *format),
        What::Show { name, gpu, format } => (show::show(&catalog, name, gpu.as_deref()), *format),
    };
    match (answer, format) {
        (Ok(answer), Format::Table) => super::print(&answer.text(&catalog)),
        (Ok(answer), Format::Json) => super::print(&render::json(&answer.value)),
        (Err(why), _) => super::usage(&why),
    }
}

/// Title of a column of prices.
const MONEY: &str = "USD/hour";

/// What was found, for people and for programs.
struct Answer {
    /// Lines before the table.
    head: Vec<String>,
    /// The table, titles first.
    rows: Vec<Vec<String>>,
    /// Columns of numbers.
    right: &'static [usize],
    /// The same as JSON.
    value: Value,
}

impl Answer {
    fn text(&self, catalog: &Catalog) -> String {
        let mut text: String = self.head.iter().map(|line| format!("{line}\n")).collect();
        if !text.is_empty() {
            text.push('\n');
        }
        if self.rows.len() > 1 {
            text.push_str(&table::columns(&self.rows, self.right));
        } else {
            text.push_str("nothing of that kind is sold there\n");
        }
        let priced = self
            .rows
            .first()
            .is_some_and(|titles| titles.iter().any(|title| title == MONEY));
        if let Some((from, to)) = catalog.as_of().filter(|_| priced) {
            text.push_str(&format!(
                "\nmachine prices of {from} to {to}, in USD; check before you buy\n"
            ));
        }
        text
    }
}

/// A row of texts.
fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
