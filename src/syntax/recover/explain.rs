//! What is wrong with a line that is not KDL, in words of the file.

use kdl::{KdlDocument, KdlError};

use super::pieces::quoted;
use super::words::{Word, words};
use crate::diag::{Code, Diagnostic, Fix};
use crate::source::Span;

/// The mistake in `text`, the head of one node. `place` makes a span of a start and a length in it.
pub(super) fn explain(text: &str, error: &KdlError, place: &dyn Fn(usize, usize) -> Span) -> Diagnostic {
    let mistake = words(text)
        .into_iter()
        .find_map(wrong)
        .unwrap_or_else(|| by_kdl(text, error));
    let found = Diagnostic::new(
        Code::SyntaxKdl,
        place(mistake.start, mistake.length),
        mistake.label,
        mistake.message,
    );
    let fix = mistake.fix.map(|text| Fix {
        span: found.span(),
        text,
    });
    found.maybe_help(mistake.help).maybe_fix(fix)
}

struct Mistake {
    start: usize,
    length: usize,
    label: String,
    message: String,
    help: Option<String>,
    /// What to write in its place.
    fix: Option<String>,
}

/// Why KDL does not take this word, if it does not.
fn wrong(word: Word<'_>) -> Option<Mistake> {
    let line = if word.leads {
        word.text.to_owned()
    } else {
        format!("x {}", word.text)
    };
    if KdlDocument::parse_v2(&line).is_ok() {
        return None;
    }
    let (start, text) = match word.text.split_once('=') {
        Some((name, value)) if !word.text.starts_with(['"', '#', '(']) => {
            let value_start = word.text.len() - value.trim_start().len();
            if let Some(found) = half(word, name.trim_end(), value.trim_start()) {
                return Some(found);
            }
            (word.start + value_start, value.trim_start())
        }
        _ => (word.start, word.text),
    };
    let told = tell(text, word.leads);
    Some(Mistake {
        start: start + told.offset,
        length: told.length,
        label: told.label,
        message: told.message,
        help: told.help,
        fix: told.fix,
    })
}

/// `=` with nothing on one side.
fn half(word: Word<'_>, name: &str, value: &str) -> Option<Mistake> {
    let (message, help) = match (name.is_empty(), value.is_empty()) {
        (true, _) => ("nothing stands before this `=`".to_owned(), None),
        (_, true) => (
            format!("`{name}=` has no value"),
            Some(format!("write the value right after `{name}=`, or remove it")),
        ),
        (false, false) => return None,
    };
    let length = if name.is_empty() { 1 } else { word.text.len() };
    Some(Mistake {
        start: word.start,
        length,
        label: "half a property".to_owned(),
        message,
        help,
        fix: None,
    })
}

struct Told {
    offset: usize,
    length: usize,
    label: String,
    message: String,
    help: Option<String>,
    /// What to write in its place.
    fix: Option<String>,
}

impl Told {
    fn fix(mut self, text: impl Into<String>) -> Told {
        self.fix = Some(text.into());
        self
    }
}

fn told(text: &str, label: &str, message: String, help: impl Into<Option<String>>) -> Told {
    Told {
        offset: 0,
        length: text.len(),
        label: label.to_owned(),
        message,
        help: help.into(),
        fix: None,
    }
}

/// Characters that end a bare word.
const SPECIAL: [char; 11] = ['/', '\\', '(', ')', '[', ']', '"', '#', '=', '{', '}'];

fn tell(text: &str, leads: bool) -> Told {
    if let "true" | "false" | "null" | "inf" | "-inf" | "nan" = text {
        return told(
            text,
            "a bare keyword",
            format!("`{text}` is written with a `#`"),
            format!("write `#{text}`"),
        )
        .fix(format!("#{text}"));
    }
    if text.starts_with('"') {
        return string(text);
    }
    if leads && text.starts_with('#') {
        return told(
            text,
            "not a name",
            "a line begins with a name".to_owned(),
            "comments begin with `//`".to_owned(),
        );
    }
    if text.starts_with('#') {
        let message = format!("`{text}` is no value");
        return told(
            text,
            "after a `#`",
            message,
            "comments begin with `//`; the words with a `#` are `#true` and `#false`".to_owned(),
        );
    }
    if text.starts_with('[') || text.ends_with(']') {
        let message = "values stand one after the other, without brackets".to_owned();
        return told(
            text,
            "a bracket",
            message,
            "write `command python \"-m\" train`".to_owned(),
        );
    }
    let quotable = !text.contains('"') && !text.contains('\\');
    let help = quotable.then(|| format!("write `\"{text}\"`"));
    if let Some((at, c)) = text.char_indices().find(|(_, c)| SPECIAL.contains(c)) {
        let message = format!("`{c}` stands only in a text in quotes");
        let mut found = told(text, "quotes are missing", message, help);
        if quotable {
            return found.fix(format!("\"{text}\""));
        }
        (found.offset, found.length) = (at, c.len_utf8());
        return found;
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-')) {
        let message = format!("`{text}` begins like a number and is none");
        return told(text, "quotes are missing", message, help);
    }
    told(
        text,
        "not a word of KDL",
        format!("`{text}` cannot stand bare"),
        help,
    )
}

fn string(text: &str) -> Told {
    let Some(end) = quoted(text) else {
        let message = "this text is not closed".to_owned();
        return told(
            text.trim_end(),
            "no `\"` on this line",
            message,
            "add a `\"` where the text ends".to_owned(),
        )
        .fix(format!("{}\"", text.trim_end()));
    };
    if end < text.len() {
        let message = "a text ends here and something follows without a space".to_owned();
        let rest = text.get(end..).unwrap_or_default();
        let mut found = told(
            rest,
            "a space is missing before this",
            message,
            "write `\\\"` for a quote inside a text".to_owned(),
        );
        found.offset = end;
        return found;
    }
    let escape = text.match_indices('\\').find(|(at, _)| {
        let next = text.get(at + 1..).and_then(|tail| tail.chars().next());
        let before = text.get(..*at).is_some_and(|head| head.ends_with('\\'));
        !before && !next.is_some_and(|c| c.is_whitespace() || "nrt\\\"bfsu".contains(c))
    });
    let (offset, length) = escape.map_or((0, text.len()), |(at, _)| (at, 2.min(text.len() - at)));
    let shown = text.get(offset..offset + length).unwrap_or(text);
    let message = format!("`{shown}` means nothing in a text");
    let mut found = told(
        shown,
        "not an escape",
        message,
        "write `\\\\` for a backslash".to_owned(),
    );
    found.offset = offset;
    found.fix(format!("\\{shown}"))
}

/// What KDL itself says of the smallest place it blames.
fn by_kdl(text: &str, error: &KdlError) -> Mistake {
    let smallest = error
        .diagnostics
        .iter()
        .min_by_key(|found| (found.span.len(), found.span.offset()));
    let span = smallest.map(|found| (found.span.offset().min(text.len()), found.span.len()));
    let (start, length) = span.unwrap_or((0, text.len()));
    let start = start
        + text
            .get(start..)
            .map_or(0, |tail| tail.len() - tail.trim_start().len());
    Mistake {
        start: start.min(text.len().saturating_sub(1)),
        length: length.clamp(1, text.len().max(1)),
        label: "here".to_owned(),
        message: "this line is not KDL".to_owned(),
        help: smallest.and_then(|found| found.help.clone()),
        fix: None,
    }
}
