
mod fmt;
mod schema;
