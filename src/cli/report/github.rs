//! Workflow commands of GitHub Actions, one a line: the runner shows each beside its line of a pull request.

use super::place::Region;
use crate::diag::Diagnostic;
use crate::source::SourceMap;

/// One command.
pub fn line(found: &Diagnostic, sources: &SourceMap) -> String {
    let command = found.severity.word();
    let region = Region::of(found.span(), sources);
    let (start, end) = (region.start, region.end);
    let mut properties = format!(
        "file={},line={},endLine={}",
        property(&region.path),
        start.line,
        end.line
    );
    // GitHub refuses columns on an annotation of several lines.
    if start.line == end.line {
        properties += &format!(",col={},endColumn={}", start.column, end.column);
    }
    let title = property(found.code.name());
    let message = data(&super::told(found, sources));
    format!("::{command} {properties},title={title}::{message}\n")
}

/// A message, which ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which ends with a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_part_is_escaped_and_no_more() {
        assert_eq!(data("50%, a: b\r\n::error::"), "50%25, a: b%0D%0A::error::");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
        assert_eq!(data("%0A"), "%250A", "what is escaped already is data too");
    }
}
