//! The cookbook: each recipe compiles, its tests hold, it is formatted, and its page shows what the compiler says.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::blessed;

/// A recipe: its name and its text.
struct Recipe {
    name: String,
    text: String,
}

fn recipes() -> Vec<Recipe> {
    let folder = blessed::root().join("docs/cookbook");
    let paths = fs::read_dir(folder).expect("there is a cookbook").flatten();
    let mut paths: Vec<PathBuf> = paths.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "kdl"));
    paths.sort();
    assert!(paths.len() >= 10, "{} recipes", paths.len());
    let recipe = |path: PathBuf| Recipe {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        text: fs::read_to_string(&path).expect("a recipe is text"),
    };
    paths.into_iter().map(recipe).collect()
}

impl Recipe {
    fn file(&self) -> String {
        format!("docs/cookbook/{}.kdl", self.name)
    }

    /// What a command of ours says of it; it must succeed.
    fn run(&self, arguments: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(arguments)
            .arg(self.file())
            .current_dir(blessed::root())
            .output()
            .expect("the program starts");
        let problems = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{arguments:?} {}\n{problems}", self.file());
        String::from_utf8(stdout).expect("what is printed is text")
    }
}

#[test]
fn each_recipe_is_placed_lowered_and_formatted() {
    for recipe in recipes() {
        recipe.run(&["fmt", "--check"]);
        let texts = [(recipe.file(), recipe.text.clone())].into();
        let compiled = crate::compiled::compile(&texts, &[&recipe.file()], None);
        let made = compiled.texts();
        assert!(
            made.keys().any(|path| path.starts_with("argo/")),
            "{}: no workflow",
            recipe.name
        );
    }
}

#[test]
fn tests_of_recipes_hold() {
    let mut played = 0;
    for recipe in recipes()
        .iter()
        .filter(|recipe| recipe.text.contains("\ntest \""))
    {
        let told = recipe.run(&["test"]);
        assert!(told.contains(" passed"), "{}: {told}", recipe.name);
        played += 1;
    }
    assert!(played >= 8, "{played}");
}

#[test]
fn pages_show_the_recipe_and_its_plan() {
    let index = fs::read_to_string(blessed::root().join("docs/cookbook/README.md")).expect("an index");
    for recipe in recipes() {
        let path = format!("docs/cookbook/{}.md", recipe.name);
        let page = fs::read_to_string(blessed::root().join(&path)).expect("a page");
        let page = filled(&page, "pipeline", &format!("```kdl\n{}```", recipe.text));
        let plan = recipe.run(&["plan"]);
        blessed::check(&path, &filled(&page, "plan", &format!("```text\n{plan}```")));
        assert!(
            index.contains(&format!("({}.md)", recipe.name)),
            "the index lacks {}",
            recipe.name
        );
    }
}

/// A page with its generated part `name` replaced.
fn filled(page: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = page.split_once(&begin).expect("the page has this part");
    let (_, after) = rest.split_once("<!-- end -->").expect("the part ends");
    format!("{before}{begin}{text}\n<!-- end -->{after}")
}
