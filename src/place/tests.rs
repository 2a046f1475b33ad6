//! The program against brute force, on small random instances; packing against first-fit.

mod oracle;
mod packing;
