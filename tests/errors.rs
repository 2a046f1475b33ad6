//! One input for each diagnostic code: `tests/errors/<code>.kdl`, or a folder of that name whose `pipeline.kdl` is
//! read. It provokes that code and no other, and looks as `tests/errors/<code>.txt` shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portolan::diag::Code;

use crate::{blessed, codes, front};

#[test]
fn every_code_has_an_input_that_provokes_it_and_nothing_else() {
    for code in Code::ALL.iter().filter(|code| codes::is_about_sources(**code)) {
        let (files, first) = input(*code);
        let start = files[&first].lines().next().unwrap_or_default();
        assert!(
            start.starts_with("// "),
            "the first line of {first} says what is wrong"
        );
        let checked = front::compile(&files, &first);
        let report = checked.pretty();
        assert!(
            checked.codes().into_iter().eq([*code]),
            "{first} provokes exactly {code}, but:\n{report}"
        );
        blessed::check(format!("tests/errors/{code}.txt"), &report);
    }
}

/// The texts of an input by name, and the name of the first.
fn input(code: Code) -> (BTreeMap<String, String>, String) {
    let folder = blessed::root().join("tests/errors");
    let own = folder.join(code.name());
    let mut files = BTreeMap::new();
    if own.is_dir() {
        collect(&own, code.name(), &mut files);
        return (files, format!("{code}/pipeline.kdl"));
    }
    let name = format!("{code}.kdl");
    let text =
        fs::read_to_string(folder.join(&name)).unwrap_or_else(|_| panic!("tests/errors/{name} is missing"));
    files.insert(name.clone(), text);
    (files, name)
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &name, files);
        } else {
            files.insert(name, fs::read_to_string(&path).expect("inputs are text"));
        }
    }
}
