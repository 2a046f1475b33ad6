//! Each operator, as Argo is told it.

use super::*;
use crate::graph::Graph;
use crate::source::Span;

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned {
        value,
        span: Span::default(),
    }
}

fn parameter(name: &str, ty: ValueType) -> Condition {
    let name = name.to_owned();
    Expr::Reference(spanned(Binding::Parameter {
        name,
        ty,
        list: false,
    }))
}

fn number(value: f64) -> Condition {
    Expr::Literal(spanned(Literal::Number(value)))
}

fn said(condition: &Condition) -> String {
    let graph = Graph::default();
    let scope = Scope::new(&graph, &[]);
    expression(&scope, condition)
}

#[test]
fn numbers_are_converted_before_they_are_compared() {
    let rows = Box::new(parameter("rows", ValueType::Integer));
    let compare = |comparison| said(&Expr::Compare(comparison, rows.clone(), Box::new(number(5.0))));
    let left = r#"float(workflow.parameters["rows"])"#;
    assert_eq!(compare(Comparison::AtLeast), format!("{left} >= 5"));
    assert_eq!(compare(Comparison::AtMost), format!("{left} <= 5"));
    assert_eq!(compare(Comparison::Less), format!("{left} < 5"));
    assert_eq!(compare(Comparison::Greater), format!("{left} > 5"));
    assert_eq!(compare(Comparison::Equal), format!("{left} == 5"));
    assert_eq!(compare(Comparison::NotEqual), format!("{left} != 5"));
}

#[test]
fn words_bind_as_they_were_read() {
    let flag = parameter("full", ValueType::Boolean);
    let both = Expr::And(vec![
        flag.clone(),
        Expr::Or(vec![flag.clone(), Expr::Not(Box::new(flag))]),
    ]);
    let text = r#"workflow.parameters["full"] == "true""#;
    assert_eq!(said(&both), format!("({text} and ({text} or not ({text})))"));
}

#[test]
fn sums_and_products_keep_their_order() {
    let x = Box::new(parameter("x", ValueType::Number));
    let sum = Expr::Sum(x.clone(), Sign::Minus, Box::new(Expr::Product(x.clone(), 2.5)));
    let said = said(&Expr::Compare(Comparison::Less, Box::new(sum), x));
    let value = r#"float(workflow.parameters["x"])"#;
    assert_eq!(said, format!("({value} - {value} * 2.5) < {value}"));
}

#[test]
fn choices_are_spelt_out_and_texts_are_data() {
    let region = Box::new(parameter("region", ValueType::String));
    let choices = vec![
        Literal::Text("north".into()),
        Literal::Text("it's \"}} {{=x".into()),
    ];
    let text = r#"workflow.parameters["region"]"#;
    assert_eq!(
        said(&Expr::In(region, choices)),
        format!(r#"({text} == "north" or {text} == "it's \"\x7d\x7d \x7b\x7b=x")"#)
    );
}

fn output(name: &str) -> Binding {
    Binding::Output {
        steps: Vec::new(),
        output: name.to_owned(),
        ty: ValueType::Number,
        list: true,
    }
}

#[test]
fn an_empty_list_makes_the_whole_condition_false() {
    let least = Expr::Aggregate(Aggregate::Min, spanned(output("auc")));
    let list = r#"filter(fromJSON(inputs.parameters["_auc"]), # != "")"#;
    assert_eq!(
        said(&Expr::Compare(
            Comparison::AtLeast,
            Box::new(least),
            Box::new(number(0.7))
        )),
        format!("len({list}) > 0 and min(map({list}, float(#))) >= 0.7")
    );
    let count = Expr::Aggregate(Aggregate::Count, spanned(output("auc")));
    assert_eq!(
        said(&Expr::Compare(
            Comparison::Equal,
            Box::new(count),
            Box::new(number(0.0))
        )),
        format!("len({list}) == 0")
    );
}

#[test]
fn quantifiers_go_over_one_list_or_over_positions_of_several() {
    let item = |name| Box::new(Expr::Reference(spanned(output(name))));
    let below = |name| Expr::Compare(Comparison::Less, item(name), Box::new(number(0.2)));
    assert_eq!(
        said(&Expr::All(Box::new(below("psi")))),
        r#"all(filter(fromJSON(inputs.parameters["_psi"]), # != ""), float(string(#)) < 0.2)"#
    );
    let both = Expr::Any(Box::new(Expr::And(vec![below("a"), below("b")])));
    let (a, b) = (
        r#"fromJSON(inputs.parameters["_a"])"#,
        r#"fromJSON(inputs.parameters["_b"])"#,
    );
    assert_eq!(
        said(&both),
        format!(
            r#"any(filter(0..len({a}) - 1, {a}[#] != ""), (float(string({a}[#])) < 0.2 and float(string({b}[#])) < 0.2))"#
        )
    );
}

#[test]
fn units_are_those_in_which_values_are_handed_on() {
    let age = parameter("age", ValueType::Duration);
    let hour = Expr::Literal(spanned(Literal::Duration(3600.0)));
    assert_eq!(
        said(&Expr::Compare(Comparison::Less, Box::new(age), Box::new(hour))),
        r#"float(workflow.parameters["age"]) < 3600"#
    );
}
