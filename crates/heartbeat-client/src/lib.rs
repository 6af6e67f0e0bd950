//! Talks to the heartbeat daemon of this machine over its local socket, as `libhbclient` does, without C.
//!
//! Everything is synchronous: a call asks and waits for the answer, at most as long as [`Options::timeout`] says.
//! Messages of the cluster that come in meanwhile wait until [`Client::receive`] fetches them. Works with this
//! project's daemon and with originals (observed with 3.0.6; fields that 2.1.x does not send are asked for one by one).
//!
//! ```no_run
//! use heartbeat_client::{Client, Options};
//!
//! fn main() -> Result<(), heartbeat_client::Error> {
//!     let mut client = Client::sign_on(&Options::default())?;
//!     for node in client.nodes()? {
//!         println!("{} is {}", node.name, node.status);
//!         for link in client.links(&node.name)? {
//!             println!("  {} is {}", link.name, link.status);
//!         }
//!     }
//!     client.sign_off();
//!     Ok(())
//! }
//! ```
//!
//! A client with a [name](Options::named) may also send messages to the clients of the same name on all nodes
//! ([`Client::send`]) or on one ([`Client::send_to`]), and it hears when such clients come and go.
#![forbid(unsafe_code)]

mod client;
mod error;
mod event;
mod options;
mod order;
mod stream;
#[cfg(test)]
mod tests;

pub use client::{Client, Link, Node};
pub use cluster_protocol::message::{Message, Uuid, Value};
pub use error::Error;
pub use event::Event;
pub use options::{Options, SOCKET};
pub use order::Reorder;
