//! The daemon's side of the local client socket, as a state machine without any I/O: what `cl_status`, `ipfail`, `ccm`
//! and everything linked with `libhbclient` talk to.
//!
//! [`Server`] is fed with connections, bytes, and the messages that the core delivers; it answers with [`Action`]s. What
//! has to be written waits in a bounded queue of each client until the caller fetches it with [`Server::output`].
//!
//! | state of a connection | what it may send | what it gets |
//! |---|---|---|
//! | open | `signon`, once; anything else ends it | its answer |
//! | signed on, casual (its id is its process) | requests | answers, messages without addressee |
//! | signed on, named | requests, messages to clients of the same name on all nodes | the same, and messages to its name |
//! | ending | nothing | what waits in its queue, if it reads |
//!
//! A client is known by its connection, not by what it writes into `pid` and `from_id`: two connections of one process both
//! get answers (originals leave the older one without). Source of the facts: client API specification, sections 1 to 3,
//! and its table of quirks.

mod client;
mod deliver;
pub mod frame;
mod general;
mod requests;
mod rules;
mod server;
mod signon;
#[cfg(test)]
mod tests;
mod view;
pub mod words;

pub use general::is_forged;
pub use rules::{Denied, Rule};
pub use server::{Action, ApiEvent, ClientId, Server};
pub use view::{ApiSettings, Credentials, RscStatus, View};
