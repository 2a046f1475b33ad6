//! Policies: statements about objects, their keys and data stores.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::{DataId, Store};
use crate::lower::names::Service;
use crate::lower::terraform::access;
use crate::lower::terraform::address::Address;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::Expression;

/// One statement of a policy.
#[derive(Serialize)]
pub struct Statement {
    sid: &'static str,
    actions: Expression,
    resources: Expression,
    condition: Option<Condition>,
}

#[derive(Serialize)]
struct Condition {
    operator: &'static str,
    key: &'static str,
    values: Expression,
}

/// What `rights` come to.
pub fn statements(stack: &Stack<'_>, rights: &access::Rights) -> Vec<Statement> {
    let ours = |addresses: &BTreeSet<Address>| -> Vec<Address> {
        addresses
            .iter()
            .filter(|it| it.provider == stack.provider)
            .cloned()
            .collect()
    };
    let (reads, writes) = (ours(&rights.reads), ours(&rights.writes));
    let mut made = Vec::new();
    let objects = |addresses: &[Address]| Expression::list(addresses.iter().map(|it| objects(stack, it)));
    if !reads.is_empty() {
        made.push(statement(
            "Read",
            &["s3:GetObject", "s3:GetObjectVersion"],
            objects(&reads),
        ));
    }
    if !writes.is_empty() {
        let actions = [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ];
        made.push(statement("Write", &actions, objects(&writes)));
    }
    let all: Vec<Address> = reads.iter().chain(&writes).cloned().collect();
    made.extend(list(stack, &all));
    made.extend(keys(stack, &all, !writes.is_empty()));
    for store in [Store::Warehouse, Store::Cache, Store::Sql, Store::Nosql] {
        made.extend(store_statement(stack, store, rights));
    }
    made
}

fn statement(sid: &'static str, actions: &[&str], resources: Expression) -> Statement {
    Statement {
        sid,
        actions: Expression::texts(actions),
        resources,
        condition: None,
    }
}

/// True if the bucket is made here.
pub fn is_own(stack: &Stack<'_>, address: &Address) -> bool {
    stack
        .bucket()
        .is_some_and(|(bucket, made)| made && bucket.shares_bucket(address))
}

fn bucket_arn(stack: &Stack<'_>, address: &Address) -> (&'static str, String) {
    match stack.bucket() {
        Some((own, _)) if own.shares_bucket(address) => ("local.bucket_arn", String::new()),
        Some(_) | None => ("local.arn", format!(":s3:::{}", address.bucket)),
    }
}

fn objects(stack: &Stack<'_>, address: &Address) -> Expression {
    let (base, bucket) = bucket_arn(stack, address);
    let below = if address.path.is_empty() {
        "/*".to_owned()
    } else {
        format!("/{}/*", address.path)
    };
    Expression::suffixed(base, &(bucket + &below))
}

/// Names may be listed below the same paths only.
fn list(stack: &Stack<'_>, addresses: &[Address]) -> Option<Statement> {
    let buckets: BTreeSet<Expression> = addresses
        .iter()
        .map(|address| {
            let (base, bucket) = bucket_arn(stack, address);
            Expression::suffixed(base, &bucket)
        })
        .collect();
    let prefixes: BTreeSet<Expression> = addresses
        .iter()
        .map(|address| Expression::text(&address.listing()))
        .collect();
    (!buckets.is_empty()).then(|| Statement {
        condition: Some(Condition {
            operator: "StringLike",
            key: "s3:prefix",
            values: Expression::list(prefixes),
        }),
        ..statement("List", &["s3:ListBucket"], Expression::list(buckets))
    })
}

/// The keys of all buckets that are used: our own by its ARN, those of other sites of ours by their alias.
fn keys(stack: &Stack<'_>, addresses: &[Address], writes: bool) -> Vec<Statement> {
    let actions: &[&str] = if writes {
        &["kms:Decrypt", "kms:GenerateDataKey"]
    } else {
        &["kms:Decrypt"]
    };
    let mut made = Vec::new();
    if addresses.is_empty() {
        return made;
    }
    let foreign = addresses
        .iter()
        .any(|it| !is_own(stack, it) && sibling(stack, it).is_none());
    let keys = if foreign {
        "concat([local.key_arn], var.data_key_arns)"
    } else {
        "local.key_arn"
    };
    made.push(statement("Key", actions, Expression::reference(keys)));
    let siblings = addresses.iter().filter_map(|address| sibling(stack, address));
    let siblings: BTreeSet<(String, String)> = siblings.collect();
    if !siblings.is_empty() {
        let arns = siblings
            .iter()
            .map(|(region, _)| Expression::suffixed("local.arn", &format!(":kms:{region}:*:key/*")));
        let aliases = siblings.iter().map(|(_, name)| format!("alias/{name}"));
        made.push(Statement {
            condition: Some(Condition {
                operator: "\"ForAnyValue:StringEquals\"",
                key: "kms:ResourceAliases",
                values: Expression::texts(aliases),
            }),
            ..statement("SiblingKey", &["kms:Decrypt"], Expression::list(arns))
        });
    }
    made
}

/// Region and stack name of another site of the plan that makes this bucket.
pub fn sibling(stack: &Stack<'_>, address: &Address) -> Option<(String, String)> {
    let plan = stack.input.plan;
    let sites = (0..plan.sites.len() as u32)
        .map(crate::place::SiteId)
        .filter(|id| *id != stack.id);
    sites
        .filter_map(|id| Stack::of(stack.input, id))
        .find_map(|other| {
            let (bucket, made) = other.bucket()?;
            (made && bucket.shares_bucket(address))
                .then(|| (other.region.to_owned(), other.name(Service::Kubernetes, "")))
        })
}

fn store_statement(stack: &Stack<'_>, store: Store, rights: &access::Rights) -> Option<Statement> {
    let mine: Vec<(DataId, bool)> = rights
        .stores
        .iter()
        .map(|(id, writes)| (*id, *writes))
        .filter(|(id, _)| stack.graph()[*id].store == store)
        .collect();
    let writes = mine.iter().any(|(_, writes)| *writes);
    let addresses = |suffix: fn(&str) -> Vec<String>| {
        let all: BTreeSet<String> = mine
            .iter()
            .flat_map(|(id, _)| suffix(&super::stores::address(stack, *id)))
            .collect();
        Expression::list(all.iter().map(|it| Expression::reference(it)))
    };
    if mine.is_empty() {
        return None;
    }
    match store {
        Store::Warehouse => Some(statement(
            "Warehouse",
            &[
                "redshift-serverless:GetCredentials",
                "redshift-serverless:GetWorkgroup",
            ],
            addresses(|it| vec![format!("aws_redshiftserverless_workgroup.{it}.arn")]),
        )),
        Store::Cache => Some(statement(
            "Cache",
            &["elasticache:Connect"],
            addresses(|it| {
                vec![
                    format!("aws_elasticache_replication_group.{it}.arn"),
                    format!("aws_elasticache_user.{it}.arn"),
                ]
            }),
        )),
        Store::Sql => Some(statement(
            "Database",
            &["rds-db:connect"],
            addresses(|it| vec![format!("local.database_users[\"{it}\"]")]),
        )),
        Store::Nosql => Some(statement(
            "Table",
            if writes { &TABLE_ALL } else { &TABLE_READ },
            addresses(|it| vec![format!("aws_dynamodb_table.{it}.arn")]),
        )),
        Store::Bucket | Store::Vector | Store::Stream | Store::Disk => None,
    }
}

const TABLE_READ: [&str; 4] = [
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];
const TABLE_ALL: [&str; 8] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];
