//! Dockerfiles from Handlebars templates.
//!
//! A template prints data inside quotes, `"{{name}}"`. Lists of words are printed with `{{{…}}}` and are made by
//! [`exec`] and [`copy`] only.

use handlebars::Handlebars;
use serde::Serialize;

/// The text of `template` filled in with `data`.
///
/// # Errors
/// Says what is wrong with the template; a name that `data` does not have is.
pub fn render<T: Serialize>(template: &str, data: &T) -> Result<String, String> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(escape);
    engine
        .render_template(template, data)
        .map_err(|error| error.to_string())
}

/// `text` as it stands between double quotes, on one line, where the builder expands variables.
pub fn escape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' | '$' => {
                made.push('\\');
                made.push(character);
            }
            control if control.is_control() => made.push(' '),
            plain => made.push(plain),
        }
    }
    made
}

/// Words in the exec form of `CMD` and `HEALTHCHECK`, in which nothing is expanded.
pub fn exec(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_else(|error| unreachable!("texts always serialise: {error}"))
}

/// The arguments of `COPY`, in which the builder expands variables even in quotes.
pub fn copy(words: &[String]) -> String {
    let escaped: Vec<String> = words
        .iter()
        .map(|word| word.replace('\\', "\\\\").replace('$', "\\$"))
        .collect();
    exec(&escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_data() {
        assert_eq!(escape("a\"b\\c$D\ne"), "a\\\"b\\\\c\\$D e");
        let words = ["a b".to_owned(), "\"\n${X}`{{y}}".to_owned()];
        let read: Vec<String> = serde_json::from_str(&exec(&words)).unwrap_or_default();
        assert_eq!(read, words);
        assert_eq!(copy(&["$a".to_owned()]), r#"["\\$a"]"#);
    }
}
