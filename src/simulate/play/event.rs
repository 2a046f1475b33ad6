//! What happens in a run, in its order.

use std::cmp::Ordering;

/// Something happens to an item; the earliest is the greatest, as the heap wants it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// When.
    pub time: f64,
    /// To which.
    pub item: usize,
    /// What.
    pub what: Happening,
}

/// What happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Happening {
    /// Its last attempt is over.
    Ends,
    /// It is over without having run.
    PassesOver,
    /// It has all but machines.
    IsReady,
}

impl Ord for Event {
    fn cmp(&self, other: &Event) -> Ordering {
        let earlier = other.time.total_cmp(&self.time);
        earlier.then_with(|| (other.what, other.item).cmp(&(self.what, self.item)))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Event) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Event) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}
