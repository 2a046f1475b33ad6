//! The scripts as they are emitted, run by a real shell against an API server that is played by a small program: it
//! answers, loses answers, and forgets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A `kubectl` over a folder: a file for each child, with its phase. Every n-th call is lost, before or after its effect.
const KUBECTL: &str = r#"#!/bin/sh
calls=$(cat "$WORLD/calls"); calls=$((calls + 1)); echo $calls >"$WORLD/calls"
lost() { [ "${LOSE:-0}" -gt 0 ] && [ $((calls % LOSE)) -eq "$1" ]; }
if lost 0; then echo "connection refused" >&2; exit 1; fi
while [ $# -gt 0 ]; do case $1 in --context | --namespace) shift 2 ;; --request-timeout=*) shift ;; *) break ;; esac; done
case $1 in
get)
	case $3 in
	--selector) for child in "$WORLD"/children/*; do [ -e "$child" ] && echo "${child##*/} $(cat "$child")"; done ;;
	*) case "$*" in *outputs*) printf '{"ran_fit":"true"}' ;; *) printf 'it failed' ;; esac ;;
	esac ;;
create)
	name=$(sed -n 's/.*"name": "\(.*-a[0-9]*\)".*/\1/p' "$3")
	if [ -e "$WORLD/children/$name" ]; then echo "Error (AlreadyExists)" >&2; exit 1; fi
	echo "$name" >>"$WORLD/started"
	phase=$(sed -n "$(($(wc -l <"$WORLD/started")))p" "$WORLD/fate")
	echo "${phase:-Succeeded}" >"$WORLD/children/$name" ;;
esac
if lost 1; then echo "connection reset" >&2; exit 1; fi
exit 0
"#;

struct World(PathBuf);

impl World {
    /// A folder with the programs that are played; children end as `fate` says, in order. `None` without a shell.
    fn new(name: &str, fate: &str) -> Option<World> {
        if Command::new("sh")
            .args(["-c", "sha256sum </dev/null && date +%s"])
            .output()
            .is_ok_and(|it| it.status.success())
        {
            let root = std::env::temp_dir().join(format!("portolan-dispatch-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            for folder in ["bin", "children", "in", "out", "tmp"] {
                fs::create_dir_all(root.join(folder)).unwrap();
            }
            fs::write(root.join("calls"), "0\n").unwrap();
            fs::write(root.join("started"), "").unwrap();
            fs::write(root.join("fate"), fate).unwrap();
            program(&root, "kubectl", KUBECTL);
            program(&root, "sleep", "#!/bin/sh\nexit 0\n");
            return Some(World(root));
        }
        println!("skipped: no shell");
        None
    }

    /// Runs the dispatcher; its exit code.
    fn dispatch(&self, lose: u32, lost_after: u32) -> i32 {
        let root = self.0.to_str().unwrap();
        let script = include_str!("../../targets/argo/dispatch.sh");
        // In this order: the folder of this world may be below `/tmp` itself.
        let script = script
            .replace("/tmp/", &format!("{root}/tmp/"))
            .replace("/portolan/", &format!("{root}/"));
        let path = self.0.join("dispatch.sh");
        fs::write(&path, script).unwrap();
        let path_variable = format!("{root}/bin:{}", std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.arg(&path).env("PATH", path_variable).env("WORLD", root);
        for (name, value) in [
            ("CONTEXT", "lab"),
            ("NAMESPACE", "n"),
            ("TEMPLATE", "search-fit"),
            ("FRAGMENT", "fit"),
            ("PIPELINE", "search"),
            ("RUN", "r1"),
            ("PARAMETERS", "[]"),
            ("ATTEMPTS", "2"),
        ] {
            command.env(name, value);
        }
        command
            .env("LOSE", lose.to_string())
            .env("LOST_AFTER", lost_after.to_string());
        command.output().unwrap().status.code().unwrap()
    }

    fn started(&self) -> usize {
        fs::read_to_string(self.0.join("started"))
            .unwrap()
            .lines()
            .count()
    }

    fn result(&self) -> String {
        fs::read_to_string(self.0.join("out/result")).unwrap_or_default()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program(root: &Path, name: &str, text: &str) {
    let path = root.join("bin").join(name);
    fs::write(&path, text).unwrap();
    let _ = Command::new("chmod").arg("+x").arg(&path).status();
}

#[test]
fn a_fragment_is_started_once_whatever_answers_are_lost() {
    for lose in [0, 3, 4, 5, 7] {
        let Some(world) = World::new(&format!("lost-{lose}"), "Succeeded\n") else {
            return;
        };
        assert_eq!(world.dispatch(lose, 600), 0, "every {lose}th call");
        assert_eq!(world.started(), 1, "every {lose}th call");
        assert_eq!(world.result(), r#"{"ran_fit":"true"}"#);
        // The hub starts it again: nothing is started there.
        assert_eq!((world.dispatch(lose, 600), world.started()), (0, 1));
    }
}

#[test]
fn a_failed_fragment_is_started_again_and_then_given_up() {
    let Some(world) = World::new("again", "Failed\nSucceeded\n") else {
        return;
    };
    assert_eq!((world.dispatch(0, 600), world.started()), (0, 2));
    let Some(world) = World::new("final", "Failed\nError\n") else {
        return;
    };
    assert_eq!((world.dispatch(3, 600), world.started()), (64, 2));
    assert_eq!((world.dispatch(0, 600), world.started()), (64, 2), "for good");
}

#[test]
fn who_hears_nothing_says_so_and_joins_later() {
    let Some(world) = World::new("silent", "Running\n") else {
        return;
    };
    assert_eq!(world.dispatch(1, 0), 75);
    assert_eq!(world.started(), 0);
    let Some(world) = World::new("earlier", "") else {
        return;
    };
    fs::write(world.0.join("in/result"), "known").unwrap();
    assert_eq!((world.dispatch(1, 0), world.started()), (0, 0));
    assert_eq!(world.result(), "known");
}
