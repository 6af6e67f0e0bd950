//! Prints the cluster as the daemon of this machine sees it, then what happens in it, until the daemon goes.

use heartbeat_client::{Client, Error, Event, Options};
use std::io::{Write, stdout};

fn main() -> Result<(), Error> {
    let mut out = stdout();
    let mut client = Client::sign_on(&Options::default())?;
    let resources = client.resources()?;
    let _ = writeln!(out, "{}: heartbeat {}", client.local_node(), client.version().unwrap_or("before 3.0"));
    let _ = writeln!(out, "resources: {resources}");
    for node in client.nodes()? {
        let _ = writeln!(out, "{} ({}): {}", node.name, node.kind, node.status);
        for link in client.links(&node.name)? {
            let _ = writeln!(out, "  {}: {}", link.name, link.status);
        }
    }
    loop {
        match client.receive(None) {
            Ok(Some(message)) => {
                let _ = match Event::from(message) {
                    Event::Node { node, status } => writeln!(out, "{node} is {status}"),
                    Event::Link { node, link, status } => writeln!(out, "{node}: {link} is {status}"),
                    Event::Client { node, client, status } => writeln!(out, "{node}: client {client}: {status}"),
                    Event::Message(message) => writeln!(out, "{}", message.dump().join(" ")),
                };
            }
            Ok(None) => {}
            Err(Error::Closed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
