//! The visitor: asks a virtual service and prints which real server answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, thread};

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;

use crate::{Endpoint, endpoint};

/// How long one answer may take, in seconds; the network is a cable inside one machine.
const PATIENCE_S: i64 = 5;

/// What to ask; see the module head of `main`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The virtual service.
    to: Endpoint,
    /// Source addresses; `None` leaves the choice to the kernel.
    sources: Vec<Option<IpAddr>>,
    /// Requests per source.
    count: usize,
    /// Close nothing before the end.
    hold: bool,
    /// All requests of one source over one connection.
    reuse: bool,
    /// Ask a second time after this file came and went.
    gate: Option<PathBuf>,
}

impl Plan {
    /// Reads the words after `ask`.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let (mut to, mut sources, mut count, mut gate) = (None, Vec::new(), 1, None);
        let (mut hold, mut reuse) = (false, false);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word}: its value is missing"));
            match word.as_str() {
                "--count" => count = value()?.parse().map_err(|error| format!("--count: {error}"))?,
                "--from" => sources.push(Some(value()?.parse().map_err(|error| format!("--from: {error}"))?)),
                "--hold" => hold = true,
                "--reuse" => reuse = true,
                "--gate" => gate = Some(PathBuf::from(value()?)),
                place => to = Some(endpoint(place)?),
            }
        }
        if sources.is_empty() {
            sources.push(None);
        }
        Ok(Self { to: to.ok_or("ask: no service given")?, sources, count, hold, reuse, gate })
    }
}

/// Asks as planned and prints a line per request. A request without answer is printed, not an error.
pub(crate) fn ask(plan: &Plan) -> Result<(), String> {
    let keep = plan.hold || plan.gate.is_some();
    let mut open = Vec::new();
    for source in &plan.sources {
        let (connections, requests) = if plan.reuse { (1, plan.count) } else { (plan.count, 1) };
        for _ in 0..connections {
            match Conversation::open(plan.to, *source) {
                Ok(mut talk) => {
                    (0..requests).for_each(|_| report(*source, talk.request()));
                    if keep {
                        open.push((*source, talk));
                    }
                }
                Err(error) => report(*source, Err(error)),
            }
        }
    }
    if let Some(gate) = &plan.gate {
        fs::write(gate, "").map_err(|error| format!("{}: {error}", gate.display()))?;
        while gate.exists() {
            thread::sleep(Duration::from_millis(20));
        }
        for (source, talk) in &mut open {
            report(*source, talk.request());
        }
    }
    Ok(())
}

/// Prints who answered a request from `source`, or why nobody did.
fn report(source: Option<IpAddr>, answer: nix::Result<String>) {
    let source = source.map_or_else(|| "-".to_owned(), |source| source.to_string());
    let name = answer.unwrap_or_else(|error| format!("no-answer ({error})"));
    println!("{source} {name}");
}

/// An open connection, or a socket that sends datagrams to one place.
enum Conversation {
    /// HTTP over one connection.
    Http(BufReader<TcpStream>),
    /// Datagrams; the address is known to the kernel by `connect`.
    Datagrams(UdpSocket),
}

impl Conversation {
    /// Connects from `source`. The standard library cannot bind a TCP socket before it connects, hence `nix`.
    fn open(to: Endpoint, source: Option<IpAddr>) -> nix::Result<Self> {
        let family = if to.address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        let kind = if to.datagrams { SockType::Datagram } else { SockType::Stream };
        let fd = socket(family, kind, SockFlag::SOCK_CLOEXEC, None)?;
        setsockopt(&fd, sockopt::ReceiveTimeout, &TimeVal::new(PATIENCE_S, 0))?;
        setsockopt(&fd, sockopt::SendTimeout, &TimeVal::new(PATIENCE_S, 0))?;
        if let Some(source) = source {
            bind(fd.as_raw_fd(), &SockaddrStorage::from(SocketAddr::new(source, 0)))?;
        }
        connect(fd.as_raw_fd(), &SockaddrStorage::from(to.address))?;
        Ok(if to.datagrams {
            Self::Datagrams(UdpSocket::from(fd))
        } else {
            Self::Http(BufReader::new(TcpStream::from(fd)))
        })
    }

    /// Asks once and returns the name in the answer.
    fn request(&mut self) -> nix::Result<String> {
        let answer = match self {
            Self::Http(stream) => http(stream),
            Self::Datagrams(socket) => datagram(socket),
        };
        answer.map_err(|error| nix::Error::from_raw(error.raw_os_error().unwrap_or(nix::libc::EPROTO)))
    }
}

/// One HTTP request; the page's text without the line end.
fn http(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    stream.get_mut().write_all(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::Error::from_raw_os_error(nix::libc::ECONNRESET));
        }
        if let Some(value) = line.strip_prefix("Content-Length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut page = vec![0; length];
    stream.read_exact(&mut page)?;
    Ok(String::from_utf8_lossy(&page).trim_end().to_owned())
}

/// One datagram and its answer.
fn datagram(socket: &UdpSocket) -> std::io::Result<String> {
    socket.send(b"who are you?")?;
    let mut answer = [0; 64];
    let length = socket.recv(&mut answer)?;
    Ok(String::from_utf8_lossy(answer.get(..length).unwrap_or_default()).into_owned())
}
