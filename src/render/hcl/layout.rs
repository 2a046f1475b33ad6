//! The layout of `terraform fmt`: two spaces for each open bracket, `=` aligned over consecutive lines.
//!
//! The rules are those of hclwrite's `formatIndent` and `formatCells` (github.com/hashicorp/hcl, hclwrite/format.go),
//! as far as templates need them: one space between tokens is the template's own duty, and there are no heredocs.

/// `text` as `terraform fmt` would leave it, with at most one blank line in a row and none at either end of a block.
pub fn layout(text: &str) -> String {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: Vec<i32> = Vec::new();
    let mut blank = false;
    for source in text.lines().map(str::trim) {
        if source.is_empty() {
            blank = true;
            continue;
        }
        let shape = Shape::of(source);
        close(&mut open, -shape.brackets);
        let opened = lines.last().is_none_or(|line| line.opens);
        if blank && !opened && shape.brackets >= 0 {
            lines.push(Line::default());
        }
        blank = false;
        lines.push(Line::new(source, &shape, open.len()));
        if shape.brackets > 0 {
            open.push(shape.brackets);
        }
    }
    align(&mut lines);
    lines.iter().map(|line| line.text.clone() + "\n").collect()
}

/// Forgets the indents that `closed` brackets end.
fn close(open: &mut Vec<i32>, mut closed: i32) {
    while closed > 0
        && let Some(last) = open.last_mut()
    {
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

#[derive(Default)]
struct Line {
    text: String,
    /// Byte at which the `=` of a whole attribute stands.
    assign: Option<usize>,
    opens: bool,
}

impl Line {
    fn new(source: &str, shape: &Shape, depth: usize) -> Line {
        let indent = "  ".repeat(depth);
        let assign = shape.equals.filter(|_| shape.right == 0);
        let Some((left, right)) = assign.and_then(|at| source.split_at_checked(at)) else {
            return Line {
                text: indent + source,
                assign: None,
                opens: shape.brackets > 0,
            };
        };
        let left = indent + left.trim_end() + " ";
        Line {
            assign: Some(left.len()),
            text: left + right,
            opens: false,
        }
    }

    fn columns(&self) -> usize {
        let left = self.assign.and_then(|at| self.text.get(..at));
        left.map_or(0, |left| left.chars().count())
    }
}

/// Moves the `=` of each run of attributes to one column.
fn align(lines: &mut [Line]) {
    for run in lines.chunk_by_mut(|a, b| a.assign.is_some() && b.assign.is_some()) {
        let widest = run.iter().map(Line::columns).max().unwrap_or(0);
        for line in run {
            let missing = widest.saturating_sub(line.columns());
            if let Some(at) = line.assign {
                line.text.insert_str(at, &" ".repeat(missing));
            }
        }
    }
}

/// What decides how a line is laid out.
#[derive(Default)]
struct Shape {
    /// Brackets opened less brackets closed.
    brackets: i32,
    /// Byte of the first `=` that assigns.
    equals: Option<usize>,
    /// The same balance, from that `=` on.
    right: i32,
}

impl Shape {
    fn of(source: &str) -> Shape {
        let mut shape = Shape::default();
        // For each string we are in: the depth of braces of its interpolation, or `None` in its text.
        let mut strings: Vec<Option<u32>> = Vec::new();
        let mut characters = source.char_indices().peekable();
        let mut before = ' ';
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map_or(' ', |(_, next)| *next);
            match strings.last_mut() {
                Some(None) => match character {
                    '\\' => drop(characters.next()),
                    '"' => drop(strings.pop()),
                    '$' | '%' if next == character => drop(characters.next()),
                    '$' | '%' if next == '{' => {
                        characters.next();
                        strings.pop();
                        strings.push(Some(0));
                    }
                    _ => {}
                },
                Some(Some(depth)) => match character {
                    '"' => strings.push(None),
                    '{' => *depth += 1,
                    '}' if *depth == 0 => {
                        strings.pop();
                        strings.push(None);
                    }
                    '}' => *depth -= 1,
                    _ => {}
                },
                None => match character {
                    '#' => break,
                    '"' => strings.push(None),
                    other => shape.code(at, before, other, next),
                },
            }
            before = character;
        }
        shape
    }

    /// One character outside strings.
    fn code(&mut self, at: usize, before: char, character: char, next: char) {
        let change = match character {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            '=' => {
                let assigns = !matches!(before, '=' | '!' | '<' | '>') && !matches!(next, '=' | '>');
                if assigns && at > 0 && self.equals.is_none() {
                    self.equals = Some(at);
                }
                0
            }
            _ => 0,
        };
        self.brackets += change;
        if self.equals.is_some() {
            self.right += change;
        }
    }
}
