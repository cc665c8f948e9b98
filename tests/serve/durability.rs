//! What is acknowledged survives every end.
