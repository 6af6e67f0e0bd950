//! A real server: answers every request with its own name, over HTTP or as a datagram.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;

use crate::Endpoint;

/// Opens all `places`, says so on standard output, and answers until the process is killed.
pub(crate) fn serve(name: &str, places: &[Endpoint]) -> Result<(), String> {
    let mut workers = Vec::new();
    for place in places {
        let name = name.to_owned();
        let failed = |error| format!("{}: {error}", place.address);
        if place.datagrams {
            let socket = UdpSocket::bind(place.address).map_err(failed)?;
            workers.push(thread::spawn(move || answer_datagrams(&name, &socket)));
        } else {
            let listener = TcpListener::bind(place.address).map_err(failed)?;
            workers.push(thread::spawn(move || answer_connections(&name, &listener)));
        }
    }
    println!("{name} ready");
    for worker in workers {
        worker.join().map_err(|_| "a worker ended".to_owned())?;
    }
    Ok(())
}

/// One thread per connection, so that connections may stay open side by side.
fn answer_connections(name: &str, listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        let name = name.to_owned();
        thread::spawn(move || answer_requests(&name, &stream));
    }
}

/// Answers each HTTP request of one connection until the client closes it or says something unreadable. Closing is left
/// to the client even if it asked for `Connection: close`: so the states that IPVS shows afterwards are always the same.
fn answer_requests(name: &str, stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines();
    let page = format!("{name}\n");
    let mut kept = "keep-alive";
    while let Some(Ok(line)) = lines.next() {
        if line.eq_ignore_ascii_case("connection: close") {
            kept = "close";
        }
        if line.is_empty() {
            let head = format!("HTTP/1.1 200 OK\r\nConnection: {kept}\r\nContent-Length: {}\r\n\r\n", page.len());
            let mut writer = stream;
            if writer.write_all(format!("{head}{page}").as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// Answers each datagram to its sender.
fn answer_datagrams(name: &str, socket: &UdpSocket) {
    let mut request = [0; 64];
    while let Ok((_, sender)) = socket.recv_from(&mut request) {
        if socket.send_to(name.as_bytes(), sender).is_err() {
            return;
        }
    }
}
