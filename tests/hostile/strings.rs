//! Texts that mean something to some reader of what is generated; to the author of a pipeline each is plain text.

use super::target::Target;

/// A text, or several in one.
#[derive(Clone, Default)]
pub struct Hostile {
    parts: Vec<String>,
    /// With something behind it that tells the target.
    told_apart: bool,
}

/// All of them: those that still mean it inside a longer text in one, and each of those that mean it only alone.
pub fn all() -> Vec<Hostile> {
    let inside = INSIDE.iter().map(|text| (*text).to_owned());
    let long = ["long ".repeat(60), "x".repeat(300)];
    let together = Hostile {
        parts: inside.chain(long).collect(),
        told_apart: true,
    };
    let alone = |told_apart: bool| {
        move |text: &&str| Hostile {
            parts: vec![(*text).to_owned()],
            told_apart,
        }
    };
    let at_start = AT_START.iter().map(alone(true));
    ALONE
        .iter()
        .map(alone(false))
        .chain(at_start)
        .chain([together])
        .collect()
}

impl Hostile {
    /// The text for a target.
    pub fn at(&self, target: &Target) -> String {
        let text = self.parts.join(" ");
        match (self.told_apart, target.spots.first()) {
            (true, Some(spot)) => format!("{text}q{spot}z"),
            (true, None) | (false, _) => text,
        }
    }

    /// True if no two targets have the same text.
    pub fn told_apart(&self) -> bool {
        self.told_apart
    }

    /// Texts of a few of the parts each, then of one; none if there is one part only.
    pub fn parts(&self) -> Vec<Hostile> {
        if self.parts.len() < 2 {
            return Vec::new();
        }
        let parts = self.parts.chunks(self.parts.len().div_ceil(5));
        parts
            .map(|parts| Hostile {
                parts: parts.to_vec(),
                told_apart: self.told_apart,
            })
            .collect()
    }
}

/// Texts that mean it inside a longer text too.
const INSIDE: &[&str] = &[
    // Quotes, escapes, lines and blanks.
    "a \"double\" b 'single' it's `tick` \"\"\" \"'",
    "a \\ b \\n c\\",
    "first\nsecond\n  third\n",
    "first\r\nsecond",
    "a\tb",
    "\u{a0}no-break\u{2028}line\u{85}next",
    // Placeholders: Terraform, Argo, Go and Handlebars templates, shells, the kubelet.
    "${x} and $${y} %{ if true }a%{ endif } %%{",
    "{{x}} {{workflow.name}} {{{y}}}",
    "{{=1+1}} {{ =sprig.env('HOME') }}",
    "{{\"{\"}} {{ $value }} {{`x`}}",
    "$(HOME) $$(HOME) $HOME $1 $",
    "$(PORTOLAN_BRACE){ {",
    "`id`; rm -rf / && x | y > z",
    // YAML.
    "\n--- a: b # c\n---\n- item\n- other\nkey: value\n? other",
    "[a, {b: c}]",
    // Other readers.
    "</script><script>alert(1)</script> <!-- --> */ // /*",
    "\nEOF\nEOT\n",
    "../../etc/passwd",
    "http://x/?a=b&c=d#e",
    // Characters.
    "ünïcödé ñ 漢字 👩‍🔬 e\u{301}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{202e}rtl\u{202c} \u{feff}mark",
    "nul \0 bell \u{7} escape \u{1b}[31m delete \u{7f}",
];

/// Texts that mean it at the beginning of a text.
const AT_START: &[&str] = &[
    "",
    " both ends ",
    "{",
    "$",
    "--- a: b # c",
    "# not a comment",
    "- item\n- other",
    "| literal\n  block",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "-flag",
];

/// Texts that mean it only alone.
const ALONE: &[&str] = &[
    "",
    " ",
    "\n",
    "---",
    ": ",
    "#",
    "- ",
    "?",
    "&a",
    "*a",
    "!t",
    "|",
    "@a",
    "%a",
    "=",
    "<<",
    "~",
    "no",
    "null",
    "true",
    "1_000",
    "0x1f",
    "1e3",
    ".inf",
    "12:30:45",
    "2026-01-01",
    "{}",
    "\\",
    "\"",
    "'",
    "{{",
    "${",
];
