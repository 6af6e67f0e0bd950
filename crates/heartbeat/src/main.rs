//! Entry of the `heartbeat` program.

fn main() -> std::process::ExitCode {
    heartbeat::run()
}
