//! Cutting a text into nodes without reading them: only strings, comments and braces are understood.
//!
//! Where braces do not balance, indentation says which one is too many or missing.

/// A node: from its first byte to one past its last.
#[derive(Debug)]
pub(crate) struct Piece {
    pub start: usize,
    pub end: usize,
    pub block: Option<Block>,
}

/// The braces of a node and what is between them.
#[derive(Debug)]
pub(crate) struct Block {
    pub open: usize,
    pub pieces: Vec<Piece>,
    /// False if a brace is missing or too many in it.
    pub whole: bool,
}

/// All nodes of a text, and the braces that do not fit.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub pieces: Vec<Piece>,
    /// Braces that nothing closes, each with where its block seems to end.
    pub unclosed: Vec<(usize, usize)>,
    /// Ends of lines below which a block begins that nothing opens.
    pub unopened: Vec<usize>,
    pub stray: Vec<usize>,
}

/// Something that shapes the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    event: Event,
    at: usize,
    /// Columns before the first word of its line.
    indent: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    /// The first word of a line.
    Line,
    /// `{`
    Open,
    /// `}`, and whether its line begins with it.
    Close { leads: bool },
    /// The end of a line, or `;`.
    End,
}

/// All marks of `text`, in order.
pub(crate) fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let (mut at, mut line, mut indent, mut leads) = (0, 0, 0, true);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if leads && !first.is_whitespace() && !rest.starts_with("//") {
            indent = text.get(line..at).unwrap_or_default().chars().count();
            if first != '}' {
                marks.push(Mark {
                    event: Event::Line,
                    at,
                    indent,
                });
            }
        }
        let event = match first {
            '\n' | ';' => Some(Event::End),
            '{' => Some(Event::Open),
            '}' => Some(Event::Close { leads }),
            _ => None,
        };
        marks.extend(event.map(|event| Mark { event, at, indent }));
        let length = length(rest);
        if first == '\n' {
            (line, leads) = (at + 1, true);
        } else if !first.is_whitespace() {
            leads = false;
        }
        at += length;
    }
    marks
}

/// Bytes that belong together at the start of `rest`: a string, a comment, a line continuation, plain text of a line, or
/// one character.
fn length(rest: &str) -> usize {
    // Nearly all of a text is plain words and spaces, and it is cut at each keystroke.
    match rest.as_bytes().first() {
        Some(b'/' | b'"' | b'\\' | b'#') => {}
        Some(b'{' | b'}' | b';' | b'\n') | None => return 1,
        Some(b' ') => return run(rest, |byte| byte == b' '),
        Some(byte) if byte.is_ascii_graphic() => {
            return run(rest, |byte| byte.is_ascii_graphic() && !shapes(byte));
        }
        Some(_) => return rest.chars().next().map_or(1, char::len_utf8),
    }
    let until = |end: &str, from: usize| {
        let found = rest.get(from..).and_then(|tail| tail.find(end));
        found.map_or(rest.len(), |at| from + at + end.len())
    };
    let line_end = |from: usize| {
        rest.get(from..)
            .and_then(|tail| tail.find('\n'))
            .map_or(rest.len(), |at| from + at)
    };
    if rest.starts_with("//") {
        return line_end(0);
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    // What is commented out may begin on the next line.
    if let Some(node) = rest.strip_prefix("/-") {
        return rest.len() - node.trim_start().len();
    }
    if rest.starts_with("\"\"\"") {
        return until("\"\"\"", 3);
    }
    if rest.starts_with('"') {
        // A brace at the end of the line is hardly meant to be in a text that is not closed.
        let line = rest.get(..line_end(1)).unwrap_or(rest).trim_end();
        return quoted(rest).unwrap_or(
            line.strip_suffix('{')
                .map_or(line_end(1), |head| head.len().max(1)),
        );
    }
    if rest.starts_with('\\') {
        return line_end(0) + 1;
    }
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    if hashes > 0 && rest.get(hashes..).is_some_and(|tail| tail.starts_with('"')) {
        let end = format!("\"{}", "#".repeat(hashes));
        let triple = rest.get(hashes..).is_some_and(|tail| tail.starts_with("\"\"\""));
        let found = until(&end, hashes + 1);
        return if triple { found } else { found.min(line_end(0)) };
    }
    rest.chars().next().map_or(1, char::len_utf8)
}

/// True of what may begin or end a node, a string or a comment.
fn shapes(byte: u8) -> bool {
    matches!(byte, b'/' | b'"' | b'\\' | b'#' | b'{' | b'}' | b';')
}

/// Length of the bytes of one sort, all ASCII, at the start of `rest`.
fn run(rest: &str, of: impl Fn(u8) -> bool) -> usize {
    rest.bytes().position(|byte| !of(byte)).unwrap_or(rest.len())
}

/// The length of the string at the start of `rest`, if it ends on its line.
pub(crate) fn quoted(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return None,
            b'"' if !escaped => return Some(at + 1),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    None
}

/// The first brace that opens a block more than `deepest` deep.
pub(crate) fn too_deep(marks: &[Mark], deepest: usize) -> Option<usize> {
    let mut depth: usize = 0;
    marks.iter().find_map(|mark| {
        match mark.event {
            Event::Open => depth += 1,
            Event::Close { .. } => depth = depth.saturating_sub(1),
            Event::Line | Event::End => {}
        }
        (depth > deepest).then_some(mark.at)
    })
}

/// Cuts `text` at its `marks`.
pub(crate) fn cut(text: &str, marks: &[Mark]) -> Cut {
    let mut cutter = Cutter {
        text,
        by_layout: !balanced(marks),
        levels: Vec::new(),
        top: Level::default(),
        cut: Cut::default(),
    };
    for mark in marks {
        cutter.take(*mark);
    }
    while !cutter.levels.is_empty() {
        cutter.close(text.len(), false);
    }
    cutter.end_piece(text.len());
    cutter.cut.pieces = cutter.top.pieces;
    cutter.cut
}

fn balanced(marks: &[Mark]) -> bool {
    let mut depth: i64 = 0;
    for mark in marks {
        match mark.event {
            Event::Open => depth += 1,
            Event::Close { .. } => depth -= 1,
            Event::Line | Event::End => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// The nodes between two braces, as far as they are cut.
#[derive(Debug, Default)]
struct Level {
    pieces: Vec<Piece>,
    /// Where the piece at hand starts.
    start: usize,
    /// The block of the piece at hand.
    block: Option<Block>,
    /// Columns before its first line.
    indent: Option<usize>,
    /// A brace in here does not fit.
    torn: bool,
}

struct Cutter<'t> {
    text: &'t str,
    by_layout: bool,
    /// The levels around the one at hand, each with the brace that opened the next.
    levels: Vec<(Level, Mark)>,
    top: Level,
    cut: Cut,
}

impl Cutter<'_> {
    fn take(&mut self, mark: Mark) {
        match mark.event {
            Event::End => self.end_piece(mark.at),
            Event::Open => {
                let level = Level {
                    start: mark.at + 1,
                    ..Level::default()
                };
                self.levels.push((std::mem::replace(&mut self.top, level), mark));
            }
            Event::Line => self.line(mark),
            Event::Close { leads } => {
                let fits = |open: &Mark| open.indent == mark.indent;
                if leads && self.by_layout && self.levels.iter().any(|(_, open)| fits(open)) {
                    self.close_all_but(fits);
                }
                // Too many: further in than the line it would close, or behind a line that opened nothing.
                let stray = self.levels.last().is_none_or(|(_, open)| {
                    let one_line = !self.text.get(open.at..mark.at).unwrap_or_default().contains('\n');
                    self.by_layout
                        && if leads {
                            open.indent < mark.indent
                        } else {
                            !one_line
                        }
                });
                if stray {
                    self.stray(mark.at);
                } else {
                    self.close(mark.at, true);
                }
            }
        }
    }

    fn line(&mut self, mark: Mark) {
        if !self.by_layout {
            return;
        }
        // A line that stands no further in than the line of an open brace is no longer in its block.
        self.close_all_but(|open| mark.indent > open.indent);
        // One that stands further in than the line above it, which opens nothing, should be in a block of that.
        let above = self.top.indent.unwrap_or(mark.indent);
        let bare = self.top.pieces.last().is_some_and(|piece| piece.block.is_none());
        if mark.indent > above
            && bare
            && let Some(head) = self.top.pieces.pop()
        {
            self.cut.unopened.push(head.end);
            self.top.start = head.start;
            let open = Mark {
                event: Event::Open,
                at: head.end,
                indent: above,
            };
            let level = Level {
                start: head.end,
                torn: true,
                ..Level::default()
            };
            self.levels.push((std::mem::replace(&mut self.top, level), open));
        }
        self.top.indent.get_or_insert(mark.indent);
    }

    /// Closes blocks from the innermost outwards until one is `open` rightly.
    fn close_all_but(&mut self, open: impl Fn(&Mark) -> bool) {
        while let Some((_, brace)) = self.levels.last().filter(|(_, brace)| !open(brace)) {
            let at = brace.at;
            let here = self.top.start.max(at);
            self.close(here, false);
        }
    }

    fn stray(&mut self, at: usize) {
        self.end_piece(at);
        self.top.start = at + 1;
        self.top.torn = true;
        self.cut.stray.push(at);
    }

    /// Ends the block at hand at `at`, where its brace stands if `braced`.
    fn close(&mut self, at: usize, braced: bool) {
        self.end_piece(at);
        let Some((outer, open)) = self.levels.pop() else {
            return;
        };
        let inner = std::mem::replace(&mut self.top, outer);
        let whole = braced && !inner.torn;
        self.top.torn |= !whole;
        self.top.block = Some(Block {
            open: open.at,
            pieces: inner.pieces,
            whole,
        });
        if !braced {
            // What nothing opened is reported as that.
            if !self.cut.unopened.contains(&open.at) {
                self.cut.unclosed.push((open.at, at));
            }
            self.end_piece(at);
            self.top.start = at;
        }
    }

    fn end_piece(&mut self, at: usize) {
        let level = &mut self.top;
        let start = std::mem::replace(&mut level.start, at + 1);
        let block = level.block.take();
        let blank = self.text.get(start..at).is_none_or(|text| text.trim().is_empty());
        if !blank || block.is_some() {
            level.pieces.push(Piece {
                start,
                end: at.max(start),
                block,
            });
        }
    }
}
