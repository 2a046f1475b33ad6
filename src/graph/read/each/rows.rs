//! Values, rows and dimensions of a search that stand in the fan-out itself.

use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Item, Scalar, ValueType};
use crate::graph::outline::duplicate;
use crate::graph::read::typed::number;
use crate::graph::read::{Context, crossed, scalar};
use crate::graph::rules::repeated;
use crate::source::{Span, Spanned};
use crate::syntax::{Node, is_name};

/// Values, rows and dimensions that are there twice.
pub(super) fn distinct(node: &Node, context: &mut Context<'_, '_>) {
    let values = node.arguments.iter().skip(1);
    let values = values.map(|value| {
        (
            context.sources.text(value.span).trim_matches('"').to_owned(),
            value.span,
        )
    });
    let named = |name: &'static str| node.all(name).filter_map(|node| node.argument_text(0));
    let names = |name| named(name).map(|name| (name.value, name.span));
    let groups: [(&str, Vec<(String, Span)>); 3] = [
        ("a value of this fan-out", values.collect()),
        ("a row of this fan-out", names("item").collect()),
        ("a dimension of this search", names("sample").collect()),
    ];
    for (noun, group) in groups {
        for (again, first, name) in repeated(group.into_iter()) {
            context
                .out
                .push(duplicate(&Spanned::new(name, again), noun, first, noun));
        }
    }
}

/// A dimension has values, or numbers to lie between.
pub(super) fn dimension(sample: &Node, context: &mut Context<'_, '_>) {
    let Some(name) = sample.argument_text(0) else {
        return;
    };
    if sample.arguments.len() > 1 || sample.damaged {
        return;
    }
    for word in ["min", "max"] {
        if let Some(bound) = sample.property(word) {
            number(bound, ValueType::Number, &format!("`{word}=`"), context.out);
        }
    }
    let missing = ["min", "max"]
        .into_iter()
        .find(|word| sample.property(word).is_none());
    if let Some(missing) = missing {
        let message = format!("nothing says which values `{}` may have", name.value);
        let label = format!("no values, and no `{missing}=`");
        let found = Diagnostic::new(Code::SyntaxMissing, name.span, label, message);
        let help = format!(
            "add values, `sample {0} 4 6 8`, or bounds, `sample {0} min=1 max=12`",
            name.value
        );
        context.out.push(found.help(help));
        return;
    }
    if crossed(sample, "min", "max", context.out) {
        return;
    }
    if let Some(min) = sample
        .number("min")
        .filter(|min| min.value <= 0.0 && sample.word("scale") == "log")
    {
        let message = "a logarithmic scale begins above 0";
        let found = Diagnostic::new(Code::ValueRange, min.span, "has no logarithm", message);
        context
            .out
            .push(found.help("write a small number instead, such as `min=1e-6`, or `scale=linear`"));
    }
}

pub(super) fn plain(value: Scalar) -> Item {
    Item {
        value,
        fields: Vec::new(),
    }
}

/// Rows of values; all must have the columns of the first, whose names are names.
pub(super) fn table(rows: &[&Node], context: &mut Context<'_, '_>) -> Vec<Item> {
    let columns = |row: &Node| {
        row.properties
            .iter()
            .map(|p| p.name.value.clone())
            .collect::<Vec<_>>()
    };
    let Some((first, names)) = rows.first().map(|row| (row, columns(row))) else {
        return Vec::new();
    };
    for column in &first.properties {
        let name = &column.name;
        if !is_name(&name.value) {
            let message = format!("`{}` is not of the form of a name", name.value);
            context.out.push(
                Diagnostic::new(
                    Code::NameForm,
                    name.span,
                    "a name is `a-z`, `0-9` and `-`",
                    message,
                )
                .help("begin it with a letter, then small letters, digits and single hyphens"),
            );
        }
    }
    let mut items = Vec::new();
    for row in rows {
        if row.damaged || first.damaged {
            continue;
        }
        let mut own = columns(row);
        let mut expected = names.clone();
        own.sort();
        expected.sort();
        if own != expected {
            let message = "this row has other columns than the first";
            context.out.push(
                Diagnostic::new(Code::EachTable, row.span, format!("has {}", list(&own)), message)
                    .and(first.span, format!("has {}", list(&expected)))
                    .help("give every row the same properties"),
            );
            continue;
        }
        let field = |name: &String| {
            let value = row.property(name)?;
            Some((name.clone(), scalar(&value.value, context.sources, value.span)))
        };
        let fields = names.iter().filter_map(field).collect();
        let name = row.argument_text(0).map(|name| name.value).unwrap_or_default();
        items.push(Item {
            value: Scalar::Text(name),
            fields,
        });
    }
    items
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" ")
    }
}
