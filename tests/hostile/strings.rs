//! Texts that mean something to some reader of what is generated.

/// Each is a plain text to the author of a pipeline.
pub fn all() -> Vec<String> {
    let mut all: Vec<String> = PLAIN.iter().map(|text| (*text).to_owned()).collect();
    all.push("long ".repeat(60));
    all.push("x".repeat(300));
    all
}

const PLAIN: &[&str] = &[
    // Quotes and escapes.
    "a \"double\" b",
    "a 'single' b",
    "it's",
    "a `tick` b",
    "a \\ b \\n c\\",
    "\"\"\" \"'",
    // Lines and blanks.
    "first\nsecond\n  third",
    "first\r\nsecond",
    "ends in a line\n",
    "a\tb",
    " both ends ",
    "\u{a0}no-break\u{2028}line\u{85}next",
    "",
    " ",
    // Placeholders: Terraform, Argo, Go and Handlebars templates, shells, the kubelet.
    "${x} and $${y}",
    "%{ if true }a%{ endif } %%{",
    "{{x}} {{workflow.name}} {{{y}}}",
    "{{=1+1}} {{ =sprig.env('HOME') }}",
    "{{\"{\"}} {{ $value }} {{`x`}}",
    "$(HOME) $$(HOME) $HOME $1 $",
    "$(PORTOLAN_BRACE){ {",
    "`id`; rm -rf / && x | y > z",
    // YAML.
    "---",
    "...",
    "a: b",
    ": ",
    "# not a comment",
    "a #b",
    "- item",
    "? key",
    "&anchor *alias !tag",
    "[a, {b: c}]",
    "| literal",
    "> folded",
    "@at %percent",
    "on",
    "no",
    "~",
    "null",
    "true",
    "1_000",
    "0o17",
    "1e3",
    ".inf",
    "12:30:45",
    "2026-01-01",
    "=",
    "<<",
    // Other readers.
    "</script><script>alert(1)</script>",
    "<!-- -->",
    "*/ // /*",
    "EOF\nEOT\n",
    "../../etc/passwd",
    "/etc/../..",
    "http://x/?a=b&c=d#e",
    "a,b;c",
    "=cmd|' /C calc'!A0",
    // Characters.
    "ünïcödé ñ 漢字",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{202e}rtl\u{202c}",
    "👩‍🔬 e\u{301}",
    "nul \0 bell \u{7} escape \u{1b}[31m delete \u{7f}",
    "\u{feff}mark",
    "-flag",
    "--",
];
