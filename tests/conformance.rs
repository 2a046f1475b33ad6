//! Programs made by chance that compile, written with what they come to: `.ci/conformance --generated` shows it to the
//! tools that would read it in production.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::compiled::Texts;
use crate::program::grown::{self, Uses};
use crate::program::random::Choices;

/// From so many programs on, each part of the language must have been used often enough.
const WHOLE: usize = 200;
/// Often enough.
const OFTEN: usize = 10;

/// Chance with a beginning: Marsaglia's xorshift64 with his first triple.
fn bytes(seed: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed as u64 + 1);
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
    .take(20_000)
    .collect()
}

fn write(folder: &Path, texts: &Texts) {
    for (path, text) in texts {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
}

#[test]
#[ignore = "takes as long as it is told to: `.ci/conformance --generated COUNT`"]
fn generated_programs_use_the_whole_language() {
    let count = env::var("PORTOLAN_GENERATED").map_or(Ok(3), |count| count.parse());
    let count: usize = count.expect("a number of programs");
    let folder = env::var_os("PORTOLAN_GENERATED_IN").map(PathBuf::from);
    let mut uses: Uses = grown::parts().into_iter().map(|part| (part, 0)).collect();
    for number in 0..count {
        let made = grown::program(&mut Choices::new(&bytes(number)), &uses);
        for part in &made.uses {
            *uses.entry(part.clone()).or_default() += 1;
        }
        let output = made.compiled.texts();
        assert!(
            !output.is_empty(),
            "nothing comes of\n{}",
            made.texts["input.kdl"]
        );
        if let Some(folder) = &folder {
            let folder = folder.join(format!("{number:03}"));
            write(&folder.join("source"), &made.texts);
            write(&folder, &output);
        }
    }
    let used = uses.values().filter(|times| **times > 0).count();
    println!(
        "{count} programs use {used} of {} parts of the language",
        uses.len()
    );
    let seldom: Vec<_> = uses.iter().filter(|(_, times)| **times < OFTEN).collect();
    if let Some(folder) = &folder {
        let lines: String = uses
            .iter()
            .map(|(part, times)| format!("{times:4} {part}\n"))
            .collect();
        fs::write(folder.join("uses.txt"), lines).expect("the file can be written");
    }
    assert!(
        count < WHOLE || seldom.is_empty(),
        "less than {OFTEN} times: {seldom:#?}"
    );
}
