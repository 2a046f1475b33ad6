//! `depends`: which tasks a task waits for.

/// A task that is waited for.
#[derive(Debug, PartialEq, Eq)]
pub struct Wait<'t> {
    /// Its name.
    pub task: &'t str,
    /// True if it must have run, and not been skipped.
    pub ran: bool,
}

/// The tasks, all of which must end well. A task that may also have been skipped is written `a` or
/// `(a.Succeeded || a.Skipped)`.
///
/// # Errors
/// The part that says more than order.
pub fn waits(text: &str) -> Result<Vec<Wait<'_>>, String> {
    text.split("&&").map(|part| wait(part.trim())).collect()
}

fn wait(part: &str) -> Result<Wait<'_>, String> {
    let inside = part
        .strip_prefix('(')
        .and_then(|part| part.strip_suffix(')'))
        .unwrap_or(part);
    let mut task = None;
    let mut ran = true;
    for one in inside.split("||") {
        let (name, state) = one.trim().split_once('.').unwrap_or((one.trim(), ""));
        let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        if !word || task.is_some_and(|task| task != name) {
            return Err(part.to_owned());
        }
        task = Some(name);
        match state {
            "Succeeded" => {}
            "" | "Skipped" | "Daemoned" => ran = false,
            _ => return Err(part.to_owned()),
        }
    }
    match task {
        Some(task) => Ok(Wait { task, ran }),
        None => Err(part.to_owned()),
    }
}
