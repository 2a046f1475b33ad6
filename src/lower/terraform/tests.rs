//! Every file is HCL, whatever the user wrote; what they wrote comes back from it.

mod fixture;

use fixture::{Case, compile};

#[test]
fn zz_dump() {
    for (name, adopts) in [("plain", false), ("adopted", true)] {
        let (files, out) = compile(&Case {
            text: "a \"b\" ${x} %{if}\\\nnext".into(),
            adopts,
        });
        for found in out.sorted() {
            println!("{}", found.message);
        }
        for file in files {
            let path = std::path::Path::new("/tmp/tfout").join(name).join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file.text).unwrap();
        }
    }
}
