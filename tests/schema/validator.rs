//! A validator of JSON documents, for tests.

use serde_json::Value;

/// As much of JSON Schema as ours use; anything else in a schema is a failure, so that nothing goes unchecked.
pub struct Validator<'s> {
    /// Where references begin.
    pub root: &'s Value,
}

impl Validator<'_> {
    /// What is wrong with `value`, if anything is.
    pub fn wrong(&self, schema: &Value, value: &Value) -> Option<String> {
        let Value::Object(rules) = schema else {
            return (schema != &Value::Bool(true)).then(|| format!("{value} is not allowed"));
        };
        rules.iter().find_map(|(rule, said)| match rule.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => None,
            "$ref" => self.wrong(
                self.root.pointer(&said.as_str()?[1..]).expect("it is defined"),
                value,
            ),
            "type" => (!has_type(said, value)).then(|| format!("{value} is no {said}")),
            "enum" => (!said.as_array()?.contains(value)).then(|| format!("{value} is none of {said}")),
            "const" => (said != value).then(|| format!("{value} is not {said}")),
            "minimum" => (value.as_f64()? < said.as_f64()?).then(|| format!("{value} is under {said}")),
            "maximum" => (value.as_f64()? > said.as_f64()?).then(|| format!("{value} is over {said}")),
            "required" => {
                let missing = said
                    .as_array()?
                    .iter()
                    .find(|name| value.get(name.as_str().unwrap_or("")).is_none());
                missing.map(|name| format!("{name} is missing in {value}"))
            }
            "properties" => {
                let known = said.as_object()?.iter();
                known
                    .filter_map(|(name, schema)| Some((schema, value.get(name)?)))
                    .find_map(|(schema, value)| self.wrong(schema, value))
            }
            "additionalProperties" => {
                let known = |name: &String| {
                    rules
                        .get("properties")
                        .is_some_and(|known| known.get(name).is_some())
                };
                let mut others = value.as_object()?.iter().filter(|(name, _)| !known(name));
                others.find_map(|(_, value)| self.wrong(said, value))
            }
            "items" => value.as_array()?.iter().find_map(|item| self.wrong(said, item)),
            "prefixItems" => {
                let pairs = said.as_array()?.iter().zip(value.as_array()?);
                pairs
                    .into_iter()
                    .find_map(|(schema, value)| self.wrong(schema, value))
            }
            "minItems" => {
                ((value.as_array()?.len() as u64) < said.as_u64()?).then(|| format!("{value} is too short"))
            }
            "maxItems" => {
                ((value.as_array()?.len() as u64) > said.as_u64()?).then(|| format!("{value} is too long"))
            }
            "anyOf" | "oneOf" => {
                let fits = said
                    .as_array()?
                    .iter()
                    .any(|schema| self.wrong(schema, value).is_none());
                (!fits).then(|| format!("{value} is none of the forms {said}"))
            }
            other => Some(format!("this test does not know `{other}`")),
        })
    }
}

fn has_type(said: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    };
    match said {
        Value::Array(names) => names.iter().any(|name| name.as_str().is_some_and(is)),
        name => name.as_str().is_some_and(is),
    }
}
