//! In which situations something holds: a union of cases, each of which says of some values where they lie.
//!
//! What cannot be told is taken to hold: situations are only ever too many, so that "never" is certain.

mod condition;
mod linear;
mod range;
mod runs;
mod value;

pub(super) use condition::Conditions;
pub(super) use range::Range;
pub(super) use runs::Runs;
pub use runs::inputs;

use std::collections::BTreeMap;
use std::rc::Rc;

/// More cases than this, or more facts in one, are not told apart: nobody writes such conditions by hand.
const MOST: usize = 64;

/// Something that has a value in a run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Thing {
    /// As a condition names it; shared, because each step after a condition runs in its cases.
    pub name: Rc<str>,
    /// True if its values read as they are: plain numbers and words, of one reference.
    pub plain: bool,
}

/// Where the values of some things lie; of all others, nothing is said. Shared, because a step that has no condition of
/// its own runs in the cases of those before it.
type Case = Rc<BTreeMap<Thing, Range>>;

/// All situations in which something may hold.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Situations {
    cases: Vec<Case>,
}

impl Situations {
    /// It always may.
    pub fn all() -> Situations {
        Situations {
            cases: vec![Case::default()],
        }
    }

    /// It never does.
    pub fn none() -> Situations {
        Situations { cases: Vec::new() }
    }

    /// Whenever the value of `thing` is in `range`.
    pub fn where_in(thing: Thing, range: Range) -> Situations {
        if range.is_empty() {
            return Situations::none();
        }
        Situations {
            cases: vec![Rc::new(BTreeMap::from([(thing, range)]))],
        }
    }

    /// True if there is none.
    pub fn is_never(&self) -> bool {
        self.cases.is_empty()
    }

    /// True if nothing is said of anything.
    fn is_always(&self) -> bool {
        matches!(self.cases.as_slice(), [case] if case.is_empty())
    }

    /// Those of either.
    pub fn or(mut self, other: Situations) -> Situations {
        for case in other.cases {
            if !self
                .cases
                .iter()
                .any(|own| Rc::ptr_eq(own, &case) || *own == case)
            {
                self.cases.push(case);
            }
        }
        self.limited()
    }

    /// Those of both.
    pub fn and(&self, other: &Situations) -> Situations {
        // Most steps have no condition, and most programs many steps.
        match (self.is_always(), other.is_always()) {
            (true, _) => return other.clone(),
            (_, true) => return self.clone(),
            (false, false) => {}
        }
        if self.cases.len() * other.cases.len() > MOST {
            // Either side alone holds whenever both do.
            return self.clone();
        }
        let pairs = self
            .cases
            .iter()
            .flat_map(|one| other.cases.iter().map(move |other| (one, other)));
        Situations {
            cases: pairs.filter_map(|(one, other)| meet(one, other)).collect(),
        }
        .limited()
    }

    /// Both hold in this situation, in words: `` `rows` is 12 ``; if there is one and it can be said.
    pub fn example(&self) -> Option<String> {
        let case = self
            .cases
            .iter()
            .find(|case| case.keys().all(|thing| thing.plain))?;
        let facts = case
            .iter()
            .filter_map(|(thing, range)| Some(format!("`{}` is {}", thing.name, range.example()?)));
        let facts: Vec<String> = facts.collect();
        (!facts.is_empty()).then(|| facts.join(" and "))
    }

    fn limited(self) -> Situations {
        let broad = self.cases.iter().any(|case| case.is_empty());
        if broad || self.cases.len() > MOST {
            return Situations::all();
        }
        self
    }
}

/// What both cases say; nothing if they exclude each other.
fn meet(one: &Case, other: &Case) -> Option<Case> {
    if Rc::ptr_eq(one, other) {
        return Some(Rc::clone(one));
    }
    // What has more to say is kept, so that little is copied.
    let (one, other) = if one.len() < other.len() {
        (other, one)
    } else {
        (one, other)
    };
    let mut both = Rc::clone(one);
    for (thing, range) in other.iter() {
        let met = match both.get(thing) {
            Some(own) if own == range => continue,
            Some(own) => own.and(range),
            None if both.len() >= MOST => continue,
            None => range.clone(),
        };
        if met.is_empty() {
            return None;
        }
        Rc::make_mut(&mut both).insert(thing.clone(), met);
    }
    Some(both)
}
