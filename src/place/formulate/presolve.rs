//! What can be seen without solving: choices that alone break a limit, and terms too small to matter.
//!
//! The solver compares pivots to an absolute threshold, in rows scaled to a largest coefficient of one. Prices span
//! nine orders of magnitude, so a row may hold terms that it takes for zero, and then fails on. Leaving out what is
//! larger than the limit and what is lost in the limit's rounding keeps rows within a range that it can handle.

use super::{Program, Row, Sense};

/// Terms smaller than this share of the row's bound are left out: a thousand of them are within the tolerance to which
/// limits are checked.
const NEGLIGIBLE: f64 = 1e-9;

impl Program {
    /// Fixes at zero what alone breaks a row, then takes fixed columns and negligible terms out of all rows.
    pub fn presolve(&mut self) {
        let Program { rows, columns, .. } = self;
        for row in rows.iter().filter(|row| is_budget(row)) {
            for (column, factor) in &row.sum {
                if let Some(column) = columns.get_mut(*column).filter(|column| column.integer)
                    && *factor > row.bound * (1.0 + 1e-9)
                {
                    column.upper = 0.0;
                }
            }
        }
        for row in rows {
            let negligible = if is_budget(row) {
                row.bound * NEGLIGIBLE
            } else {
                0.0
            };
            row.sum.retain(|(column, factor)| {
                let open = columns.get(*column).is_some_and(|column| column.upper > 0.0);
                open && factor.abs() > negligible
            });
        }
    }
}

/// True if nothing in the row can make room for anything else.
fn is_budget(row: &Row) -> bool {
    row.sense == Sense::AtMost && row.bound > 0.0 && row.sum.iter().all(|(_, factor)| *factor >= 0.0)
}
