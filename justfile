# `just` lists these. CI runs `just ci`.

_default:
    @just --list

# the program
build:
    cargo build --release

# every test; needs nothing but Rust
test *ARGS:
    cargo test {{ARGS}}

# everything a change must pass, tools installed on the way
ci:
    .ci/run

# compile every example again and write snapshots/, to be read in the diff
snapshots:
    BLESS=1 cargo test --test it examples

# real tools over the generated files
conformance DIR="snapshots":
    .ci/conformance {{DIR}}

# time and memory of each pass, 10 to 10,000 steps
bench:
    cargo bench

lint:
    cargo clippy --all-targets -- -D warnings

fmt:
    cargo fmt

# the library's documentation, in a browser
docs:
    cargo doc --no-deps --open
