//! The `ipvsadm` command.
fn main() {}
