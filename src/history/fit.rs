//! Records -> what prediction learns from.
