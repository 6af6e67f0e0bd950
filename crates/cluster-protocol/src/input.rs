//! What the core is fed with.

use crate::auth::AuthKeys;
use crate::message::Message;
use crate::resources::{JobEnd, JobId};
use crate::settings::MediumId;
use std::net::IpAddr;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The node's first moment; exactly once, before anything else.
    Start,
    /// A datagram, a text block of a serial line, or the payload of an echo reply. All bytes are untrusted.
    Datagram {
        /// Where it came in.
        medium: MediumId,
        /// What came in.
        bytes: &'a [u8],
        /// Who sent it, as far as the medium knows; for log lines only.
        from: Option<IpAddr>,
    },
    /// A message of a local program (scripts write them into the FIFO): sent to the whole cluster including ourselves.
    Local(Message),
    /// The `authkeys` file was read again.
    NewKeys(AuthKeys),
    /// The text of `/proc/loadavg` without line feed, for `ld`. Worth refreshing about once a second.
    Load(&'a str),
    /// A child that [`Output::Run`](crate::output::Output::Run) started has ended.
    JobEnded {
        /// Which.
        id: JobId,
        /// How.
        end: JobEnd,
    },
    /// What our groups are like, for status commands of our peers: one word per group, no blanks in it.
    Groups(&'a str),
    /// Stop in order.
    Shutdown,
    /// Leave in order, then start again: the configuration changed. Peers are told to be patient.
    Restart,
    /// Answer to [`Output::StopClients`](crate::output::Output::StopClients).
    ClientsStopped,
    /// The announced deadline was reached. Harmless at any other time.
    Tick,
}
