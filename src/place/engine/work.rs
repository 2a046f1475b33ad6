//! How much has been done: counted, not timed, so that a plan does not depend on the machine it was made on.

/// Work done and allowed. The unit is looking at one candidate or edge once.
pub(super) struct Work<'w> {
    pub done: u64,
    pub limit: u64,
    pub nodes: u64,
    /// Plans that cost as much are of no interest.
    pub most: f64,
    /// True when the caller wants no more.
    pub interrupted: &'w dyn Fn() -> bool,
}

impl Work<'_> {
    /// Counts; true if it is time to stop.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        self.done += amount as u64;
        self.over()
    }

    pub(super) fn over(&self) -> bool {
        self.done >= self.limit || (self.interrupted)()
    }
}
