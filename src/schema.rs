//! What a program or a person needs to know of our formats, made from the same tables that the compiler reads:
//! the language as a KDL schema and as a page, and what is written as JSON schemas.

pub mod codes;
pub mod json;
pub mod kdl;
pub mod reference;
