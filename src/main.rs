//! pushgate
fn main() {}
