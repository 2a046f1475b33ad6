//! Users' texts in the fields of a container, where `$(NAME)` and, under Argo, `{{…}}` are alive.

use k8s_openapi::api::core::v1::EnvVar;

use super::{Answer, Asked, StepPod, variable};
use crate::graph::{Binding, Piece, Text};
use crate::lower::own_store;

/// The variable that stands for `{` where braces are alive.
pub const BRACE: &str = "PORTOLAN_BRACE";

/// Texts as they are said in one container, and the variables that saying them takes.
pub(super) struct Said<'p, 'a> {
    pod: &'p StepPod<'a>,
    sources: Vec<EnvVar>,
}

impl<'p, 'a> Said<'p, 'a> {
    pub(super) fn new(pod: &'p StepPod<'a>) -> Said<'p, 'a> {
        Said {
            pod,
            sources: Vec::new(),
        }
    }

    /// Each of `texts`, as the kubelet must be given it.
    pub(super) fn all(&mut self, texts: &[Text]) -> Vec<String> {
        texts.iter().map(|text| self.one(text)).collect()
    }

    /// `text`, as the kubelet must be given it.
    pub(super) fn one(&mut self, text: &Text) -> String {
        let mut said = String::new();
        let mut pieces = text.0.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Literal(literal) => {
                    let opens = matches!(pieces.peek(), Some(Piece::Reference(_)));
                    said += &inert(literal, self.pod.live_braces, opens);
                }
                Piece::Reference(binding) => said += &self.reference(binding),
            }
        }
        said
    }

    fn reference(&mut self, binding: &Binding) -> String {
        if let Some(path) = self.path(binding) {
            return inert(&path, self.pod.live_braces, true);
        }
        match self.pod.answered(Asked::Reference(binding)) {
            Answer::Text(text) => text,
            Answer::Source(source) => {
                let known = self
                    .sources
                    .iter()
                    .find(|known| known.value_from.as_ref() == Some(&*source));
                if let Some(known) = known {
                    return format!("$({})", known.name);
                }
                let name = format!("PORTOLAN_VALUE_{}", self.sources.len() + 1);
                self.sources.push(EnvVar {
                    name: name.clone(),
                    value: None,
                    value_from: Some(*source),
                });
                format!("$({name})")
            }
        }
    }

    /// `DATA.path` needs no run: it is where this step mounts the data.
    fn path(&self, binding: &Binding) -> Option<String> {
        let Binding::DataPath(data) = binding else {
            return None;
        };
        let step = self.pod.step;
        if let Some(folder) = own_store::folder(self.pod.input, step, *data) {
            return Some(folder);
        }
        let reads = step.reads.iter().map(|read| (read.data, &read.mount));
        let writes = step.writes.iter().map(|write| (write.data, &write.mount));
        let mut mounts = reads.chain(writes).filter(|(id, _)| id == data);
        mounts.find_map(|(_, mount)| mount.as_ref().map(|path| path.value.clone()))
    }

    /// The variables that `texts` and the values of `own` refer to, now or when placeholders are filled in. They must
    /// come before `own`: the kubelet expands a value with the variables above it.
    pub(super) fn variables(self, texts: Vec<String>, own: &[EnvVar]) -> Vec<EnvVar> {
        let reference = format!("$({BRACE})");
        let values = own.iter().filter_map(|variable| variable.value.as_ref());
        // Expressions and inputs may be filled in with an encoded text; parameters and fields of the run never are.
        let filled = |text: &str| text.contains("{{=") || text.contains("{{inputs.");
        let refers = |text: &String| text.contains(&reference) || filled(text);
        let braces = self.pod.live_braces && texts.iter().chain(values).any(refers);
        let brace = braces.then(|| variable(BRACE, "{"));
        brace.into_iter().chain(self.sources).collect()
    }
}

/// `literal`, such that the kubelet gives the program exactly it: every `$` doubled, and where braces are alive no two
/// of them side by side (nor one at the end, if a placeholder follows).
pub(super) fn inert(literal: &str, live_braces: bool, followed: bool) -> String {
    let mut made = String::with_capacity(literal.len());
    let mut characters = literal.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let opens = next == Some('{') || (next.is_none() && followed);
        match character {
            '$' => made.push_str("$$"),
            '{' if live_braces && opens => {
                made.push_str("$(");
                made.push_str(BRACE);
                made.push(')');
            }
            plain => made.push(plain),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn placeholders_of_users_are_never_alive() {
        assert_eq!(inert("a{{b}}", true, false), "a$(PORTOLAN_BRACE){b}}");
        assert_eq!(inert("{", true, true), "$(PORTOLAN_BRACE)");
        assert_eq!(inert("{", true, false), "{");
        assert_eq!(inert("{{b}}", false, false), "{{b}}");
        assert_eq!(inert("$(HOME) $$ 5$", true, false), "$$(HOME) $$$$ 5$$");
        assert!(!inert("{{{{{", true, false).contains("{{"));
    }
}
