//! The program against brute force, on small random instances.

mod oracle;
