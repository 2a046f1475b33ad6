
mod fmt;
mod place;
