//! The program by itself, for tests.

fn main() {
    let status = ipfail::main(std::env::args_os().skip(1).collect());
    #[allow(clippy::exit, reason = "the one place where the program ends")]
    std::process::exit(status);
}
