//! Dockerfiles of the images that are built here, and what is to be said about images.
//!
//! The build context is the step's `source` folder. The ignore file stands beside the Dockerfile and is called
//! `Dockerfile.dockerignore`, where BuildKit looks for it first; the context of a step is the author's own folder.

mod recipe;

use super::artifact::{origin, stem};
use super::pod::USER;
use super::{Artifact, Lowering, Target, image, names};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Build, Program, Step};
use crate::render::dockerfile::render;
use crate::source::Span;

const DOCKERFILE: &str = "docker/Dockerfile.hbs";
const DOCKERIGNORE: &str = "docker/dockerignore.hbs";

/// `docker/<step>/Dockerfile`
#[derive(Clone, Copy, Debug)]
pub struct Docker;

impl Target for Docker {
    fn name(&self) -> &'static str {
        "docker"
    }

    fn lower(&self, input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
        let mut artifacts = Vec::new();
        for step in &input.graph().steps {
            match &step.program {
                Program::Image(image) => unpinned(input, &image.value, image.span, out),
                Program::Stock(runtime) => unpinned(input, &image::reference(input, step), runtime.span, out),
                Program::Build(build) if build.dockerfile.is_some() => {}
                Program::Build(build) => {
                    unpinned(input, &build.base.value, build.base.span, out);
                    recipe::check(build, out);
                    artifacts.extend(files(input, step, build, out));
                }
            }
        }
        artifacts
    }
}

/// Tag of the image built for a step: the front of its Dockerfile's sha256. With a Dockerfile of the author's, whose
/// text is not known here, of its path.
pub fn tag(input: &Lowering<'_>, step: &Step, build: &Build) -> String {
    let text = match &build.dockerfile {
        Some(path) => format!("{}/{}", build.source.value, path.value),
        // What is wrong with a template is told where its file is made.
        None => dockerfile(input, step, build).unwrap_or_default(),
    };
    let mut tag = names::sha256(&text);
    tag.truncate(12);
    tag
}

fn files(input: &Lowering<'_>, step: &Step, build: &Build, out: &mut Diagnostics) -> Vec<Artifact> {
    let graph = input.graph();
    let folder = format!("docker/{}", stem(graph, step));
    let origin = origin(graph, step);
    let header = Header {
        version: env!("CARGO_PKG_VERSION"),
        origin: &origin,
    };
    let texts = [
        ("Dockerfile", DOCKERFILE, dockerfile(input, step, build)),
        (
            "Dockerfile.dockerignore",
            DOCKERIGNORE,
            render(input.templates.text(DOCKERIGNORE), &header),
        ),
    ];
    let mut made = Vec::new();
    for (name, template, text) in texts {
        match text {
            Ok(text) => made.push(Artifact::new(format!("{folder}/{name}"), text, &origin)),
            Err(why) => out.push(input.templates.misfit(template, &why)),
        }
    }
    made
}

#[derive(serde::Serialize)]
struct Header<'a> {
    version: &'static str,
    origin: &'a str,
}

fn dockerfile(input: &Lowering<'_>, step: &Step, build: &Build) -> Result<String, String> {
    let graph = input.graph();
    let recipe = recipe::Recipe::of(step, build);
    let pipeline = &graph[step.pipeline].name.value;
    render(
        input.templates.text(DOCKERFILE),
        &serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "origin": origin(graph, step),
            "context": build.source.value,
            "title": format!("{pipeline}-{}", step.name.value),
            "description": step.description,
            "base": input.images.pinned(&build.base.value),
            "user": USER,
            "as_root": recipe.as_root(),
            "apt": recipe.apt,
            "requirements": recipe.requirements,
            "serving": recipe.serving,
            "command": recipe.command,
        }),
    )
}

/// Says that the digest of `reference` is not known.
fn unpinned(input: &Lowering<'_>, reference: &str, span: Span, out: &mut Diagnostics) {
    if input.images.pinned(reference).contains('@') {
        return;
    }
    let message = format!("the digest of `{reference}` is not known, so what runs may change by itself");
    out.push(
        Diagnostic::new(Code::ImageUnpinned, span, "only a tag", message)
            .help("write it with `@sha256:…`, or record digests with `portolan pin --from FILE`"),
    );
}
