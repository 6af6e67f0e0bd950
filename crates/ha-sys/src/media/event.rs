//! What happened to a medium, for the log. The words are in `text.rs`.

use super::error::MediaError;
use super::spec::MediumSpec;
use std::net::SocketAddr;

/// One line's worth of news.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaEvent {
    /// A detail of opening that the original tells for unicast media.
    Detail(MediumSpec, Detail),
    /// The medium works.
    Opened(MediumSpec),
    /// Opening failed; it is tried again.
    OpenFailed(MediumSpec, MediaError),
    /// The medium could not be opened: what it means for the daemon.
    CannotOpen(MediumSpec),
    /// The medium was closed.
    Closed(MediumSpec),
    /// A message could not be sent: where it should have gone, its length in bytes, why.
    SendFailed(MediumSpec, Option<SocketAddr>, usize, MediaError),
    /// The same, as the daemon sees it.
    WriteFailure(MediumSpec, MediaError),
    /// No more lines about this failure.
    Suppressing,
    /// A hint for the operator.
    CableUnplugged(MediumSpec),
    /// Reading failed.
    ReadFailed(MediumSpec, MediaError),
    /// The medium works again after a failure.
    Restarted(MediumSpec),
}

/// Steps of opening that have a line of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Low delay is asked for on the sending socket.
    LowDelay,
    /// The sending socket is bound to its device.
    SenderBound,
    /// The sending socket may share its port.
    SenderShares,
    /// The receiving socket may reuse its address.
    ReceiverReuses,
    /// The receiving socket is bound to its device.
    ReceiverBound,
    /// The receiving socket may share its port.
    ReceiverShares,
}

/// The news of a successful opening, in the original's order.
#[must_use]
pub fn opened(spec: &MediumSpec) -> Vec<MediaEvent> {
    use Detail::{LowDelay, ReceiverBound, ReceiverReuses, ReceiverShares, SenderBound, SenderShares};
    let details: &[Detail] = match spec.kind() {
        "ucast" => &[LowDelay, SenderBound, SenderShares, ReceiverReuses, ReceiverBound, ReceiverShares],
        "ucast6" => &[SenderBound, ReceiverBound, ReceiverShares],
        _ => &[],
    };
    let details = details.iter().map(|detail| MediaEvent::Detail(spec.clone(), *detail));
    details.chain([MediaEvent::Opened(spec.clone())]).collect()
}
