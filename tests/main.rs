
mod fmt;
