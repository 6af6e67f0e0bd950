//! The web server and the client of the test network: `labnet serve` is a real server, `labnet ask` a visitor.
//!
//! One process with threads instead of a web server package: inside the user-mode kernel every fork costs 20 ms, and the
//! client must choose its source address, keep connections open and speak UDP. The answer to everything is one line, the
//! server's name, so that a test can count who answered.
//!
//! ```text
//! labnet serve NAME [tcp:ADDRESS:PORT | udp:ADDRESS:PORT]...
//! labnet ask [OPTION]... tcp:ADDRESS:PORT | udp:ADDRESS:PORT
//!     --count N     so many requests, each over its own connection (default 1)
//!     --from IP     from this address; may repeat: COUNT requests from each
//!     --reuse       all requests of one source over one connection
//!     --hold        close no connection before the last request was answered
//!     --gate FILE   ask, create FILE, wait until it is gone, ask again over the same connections
//! ```
//!
//! `ask` prints one line per request: the source asked for (or `-`), a blank, the server's name, or `no-answer (reason)`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the test network talks to its test")]

mod client;
mod server;

use std::net::SocketAddr;
use std::process::ExitCode;

/// One end of a conversation: the protocol and where the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Endpoint {
    /// True for UDP datagrams, false for TCP connections.
    datagrams: bool,
    /// Address and port of the server.
    address: SocketAddr,
}

/// Reads `tcp:10.0.0.1:80` or `udp:[2001:db8::1]:53`.
fn endpoint(text: &str) -> Result<Endpoint, String> {
    let (datagrams, rest) = match text.split_once(':') {
        Some(("tcp", rest)) => (false, rest),
        Some(("udp", rest)) => (true, rest),
        _ => return Err(format!("{text}: begins with neither tcp: nor udp:")),
    };
    Ok(Endpoint { datagrams, address: rest.parse().map_err(|error| format!("{text}: {error}"))? })
}

/// Runs what the words ask for.
fn run(words: &[String]) -> Result<(), String> {
    match words.split_first() {
        Some((word, rest)) if word == "serve" => {
            let (name, places) = rest.split_first().ok_or("serve: the name is missing")?;
            let places = places.iter().map(|place| endpoint(place)).collect::<Result<Vec<_>, _>>()?;
            server::serve(name, &places)
        }
        Some((word, rest)) if word == "ask" => client::ask(&client::Plan::parse(rest)?),
        _ => Err("usage: labnet serve NAME ENDPOINT... | labnet ask [OPTION]... ENDPOINT".to_owned()),
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("labnet: {error}");
            ExitCode::FAILURE
        }
    }
}
