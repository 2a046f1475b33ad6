//! Open documents over the files on disk, and the projects they belong to.

use std::collections::{BTreeMap, BTreeSet};

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::address;
use super::outlook::{Job, Outlook};
use super::position::{Encoding, Lines};
use super::project::Project;
use crate::syntax::Files;

/// Folders and files as they are on disk.
pub trait Disk: Files {
    /// Paths of the `*.kdl` files directly in a folder, by name.
    fn kdl_files(&self, folder: &str) -> Vec<String>;
}

/// Files held in memory, by path; for tests.
impl Disk for BTreeMap<String, String> {
    fn kdl_files(&self, folder: &str) -> Vec<String> {
        let own = |path: &&String| address::folder(path) == folder && path.ends_with(".kdl");
        self.keys().filter(own).cloned().collect()
    }
}

/// A document as the editor shows it.
pub struct Open {
    /// Its address as the client spells it.
    pub uri: Uri,
    /// Its text.
    pub text: String,
}

/// All that is open.
pub struct Workspace {
    disk: Box<dyn Disk>,
    /// What a column counts.
    pub encoding: Encoding,
    /// The address of the folder with a page for each code, if the client knows one.
    pub pages: Option<String>,
    /// Which platform, if there are several.
    pub platform: Option<String>,
    open: BTreeMap<String, Open>,
    /// By folder.
    projects: BTreeMap<String, Project>,
    editions: u64,
}

/// What is open goes before what is on disk.
struct Overlay<'a> {
    open: &'a BTreeMap<String, Open>,
    disk: &'a dyn Disk,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        match self.open.get(path) {
            Some(open) => Ok(open.text.clone()),
            None => self.disk.read(path),
        }
    }
}

impl Workspace {
    /// Nothing is open yet.
    pub fn new(disk: Box<dyn Disk>, encoding: Encoding) -> Workspace {
        Workspace {
            disk,
            encoding,
            pages: None,
            platform: None,
            open: BTreeMap::new(),
            projects: BTreeMap::new(),
            editions: 0,
        }
    }

    /// A document is shown.
    pub fn open(&mut self, uri: Uri, text: String) {
        let path = address::path(&uri);
        let included = self
            .projects
            .values()
            .any(|project| project.checked.source(&path).is_some());
        if !included {
            let folder = address::folder(&path).to_owned();
            self.projects.entry(folder).or_default();
        }
        self.open.insert(path.clone(), Open { uri, text });
        self.touch(&path);
    }

    /// A document is changed.
    pub fn change(&mut self, uri: &Uri, changes: Vec<TextDocumentContentChangeEvent>) {
        let path = address::path(uri);
        let encoding = self.encoding;
        let Some(open) = self.open.get_mut(&path) else {
            return;
        };
        for change in changes {
            let Some(range) = change.range else {
                open.text = change.text;
                continue;
            };
            let lines = Lines::of(&open.text, encoding);
            let (start, end) = (lines.offset(range.start), lines.offset(range.end));
            open.text.replace_range(start..end.max(start), &change.text);
        }
        self.touch(&path);
    }

    /// A document is shown no longer. Answers the paths of a project that nobody looks at any more.
    pub fn close(&mut self, uri: &Uri) -> Vec<String> {
        let path = address::path(uri);
        self.open.remove(&path);
        let open = &self.open;
        let idle = |project: &Project| {
            !project
                .checked
                .sources
                .iter()
                .any(|(_, source)| open.contains_key(&source.path))
        };
        let (gone, kept) = std::mem::take(&mut self.projects)
            .into_iter()
            .partition(|(_, project)| idle(project));
        self.projects = kept;
        self.touch(&path);
        let gone: BTreeMap<String, Project> = gone;
        gone.values()
            .flat_map(|project| project.checked.sources.iter())
            .map(|(_, source)| source.path.clone())
            .collect()
    }

    /// The file at `path` is another, or there is one where there was none.
    pub fn touch(&mut self, path: &str) {
        self.editions += 1;
        let folder = address::folder(path);
        for (own, project) in &mut self.projects {
            if own == folder || project.checked.source(path).is_some() {
                project.changed = true;
                project.unseen = true;
                project.edition = self.editions;
            }
        }
    }

    /// Checks what has changed; answers all paths of these projects, also those that are in them no longer.
    pub fn check(&mut self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let files = Overlay {
            open: &self.open,
            disk: self.disk.as_ref(),
        };
        for (folder, project) in self.projects.iter_mut().filter(|(_, project)| project.changed) {
            let before = project
                .checked
                .sources
                .iter()
                .map(|(_, source)| source.path.clone());
            paths.extend(before);
            let texts = texts(folder, &files);
            project.check(texts, &files, self.platform.as_deref());
            let now = project
                .checked
                .sources
                .iter()
                .map(|(_, source)| source.path.clone());
            paths.extend(now);
        }
        paths
    }

    /// The projects, by folder.
    pub fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.values()
    }

    /// The project a document belongs to: that of its folder, else one that includes it.
    pub fn project(&self, path: &str) -> Option<&Project> {
        self.projects.get(address::folder(path)).or_else(|| {
            let mut projects = self.projects.values();
            projects.find(|project| project.checked.source(path).is_some())
        })
    }

    /// The text of an open document.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.open.get(path).map(|open| open.text.as_str())
    }

    /// The address of a path, as the client spells it if it has opened it.
    pub fn uri(&self, path: &str) -> Option<Uri> {
        match self.open.get(path) {
            Some(open) => Some(open.uri.clone()),
            None => address::uri(path),
        }
    }

    /// A project that has no mistakes and of whose present text nothing is predicted.
    pub fn job(&mut self) -> Option<Job> {
        let (folder, project) = self
            .projects
            .iter_mut()
            .find(|(_, project)| project.unseen && !project.changed)?;
        project.unseen = false;
        if project.checked.found.has_errors() {
            return None;
        }
        Some(Job {
            folder: folder.clone(),
            edition: project.edition,
            sources: project.checked.sources.clone(),
            platform: self.platform.clone(),
        })
    }

    /// Keeps what a job has found. Answers the paths it is about.
    pub fn keep(&mut self, outlook: Outlook) -> BTreeSet<String> {
        let Some(project) = self.projects.get_mut(&outlook.folder) else {
            return BTreeSet::new();
        };
        // An older one that comes late says nothing new.
        if outlook.edition >= project.outlook.edition {
            let known = std::mem::take(&mut project.outlook.steps);
            project.outlook = outlook;
            if project.outlook.steps.is_empty() {
                project.outlook.steps = known;
            }
        }
        project
            .checked
            .sources
            .iter()
            .map(|(_, source)| source.path.clone())
            .collect()
    }
}

/// The texts of a folder: its files, and documents in it that were never saved.
fn texts(folder: &str, files: &Overlay<'_>) -> Vec<(String, String)> {
    let on_disk = files.disk.kdl_files(folder);
    let unsaved = files.open.keys().filter(|path| address::folder(path) == folder);
    let paths: BTreeSet<String> = on_disk.into_iter().chain(unsaved.cloned()).collect();
    let read = |path: String| files.read(&path).ok().map(|text| (path, text));
    paths.into_iter().filter_map(read).collect()
}
