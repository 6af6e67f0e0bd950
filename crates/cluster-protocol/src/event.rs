//! What the core reports: typed facts. The texts, which monitoring matches to the byte, are made at the edge.

use crate::packet::Rejected;
use crate::resources::event::ResourceEvent;
use crate::settings::MediumId;
use std::net::IpAddr;
use std::time::Duration;

/// One thing worth a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Our own status changed.
    LocalStatus(&'static str),
    /// Communication is up: every node was heard or is dead.
    CommunicationUp,
    /// A link came up or died.
    Link {
        /// Whose.
        node: String,
        /// The medium's name.
        link: String,
        /// Whether it lives.
        up: bool,
    },
    /// Another node's status changed.
    NodeStatus {
        /// Whose.
        node: String,
        /// The new word, as the node sent it.
        status: String,
    },
    /// A node is dead.
    NodeDead(String),
    /// Two status messages of a node were further apart than the warning time.
    LateHeartbeat {
        /// Whose.
        node: String,
        /// The gap.
        interval: Duration,
        /// The gap was longer than the dead time.
        beyond_deadtime: bool,
    },
    /// A node started again without having been missed.
    NodeRestarted(String),
    /// A node that was declared dead goes on with the same generation: the cluster was cut.
    ReturnedAfterPartition(String),
    /// Sequence numbers are missing.
    Lost {
        /// Whose messages.
        node: String,
        /// How many.
        count: u64,
        /// The last one before the gap.
        after: u64,
        /// The first one behind it.
        before: u64,
    },
    /// The gap is too large to be filled.
    LostTooMany(String),
    /// The last missing message of this node arrived.
    NothingMissing(String),
    /// A missing message will never come.
    Irretrievable {
        /// Whose.
        node: String,
        /// Its number.
        sequence: u64,
    },
    /// A message of an older generation.
    Replay {
        /// The stated sender.
        node: String,
        /// Its generation.
        generation: u64,
        /// The one we know.
        current: u64,
    },
    /// A rightly signed message of a node that is not ours. Logged with the message's fields.
    UnknownNode {
        /// The stated sender.
        node: String,
        /// The fields, as text.
        dump: Vec<String>,
        /// Where it came from.
        from: Option<IpAddr>,
    },
    /// A message lacks sender, time or type.
    MissingFields,
    /// A message lacks its sequence number.
    MissingSequence,
    /// A node has another id than before.
    UuidChanged {
        /// The node.
        node: String,
        /// Its new id.
        uuid: crate::message::Uuid,
    },
    /// A known id under another node's name: two machines share one `hb_uuid` file. The name counts.
    DuplicateUuid {
        /// Who has it already.
        node: String,
        /// Who uses it too.
        other: String,
        /// Where the message came from.
        from: Option<IpAddr>,
    },
    /// Another machine uses our name. Dropped.
    DuplicateName {
        /// Our name.
        node: String,
        /// Where the message came from.
        from: Option<IpAddr>,
    },
    /// Packets were dropped before they were messages. Reported at once, then at most every ten seconds.
    BadPackets {
        /// Where they came in.
        medium: MediumId,
        /// Why the last one was dropped.
        reason: Rejected,
        /// Who sent it.
        from: Option<IpAddr>,
        /// How many since the last report, this one included.
        count: u64,
    },
    /// A peer asked for messages that we have not sent.
    RexmitBeyondEnd {
        /// Asked for.
        sequence: u64,
        /// Our last.
        last: u64,
    },
    /// A request for retransmission that makes no sense.
    InvalidRexmit {
        /// First number.
        first: u64,
        /// Last number.
        last: u64,
    },
    /// A message that a peer wants is gone.
    CannotRexmit {
        /// Asked for.
        sequence: u64,
        /// Who asked.
        node: String,
        /// The originals' reason.
        reason: &'static str,
    },
    /// An acknowledgement of something not sent.
    CorruptedAck {
        /// Who.
        node: String,
        /// What.
        sequence: u64,
        /// Our last.
        last: u64,
    },
    /// Many messages wait for acknowledgement.
    HistoryFilling(usize),
    /// A peer does not acknowledge: it is older than 2.0.
    FlowControlDisabled,
    /// A node was added (by message, list or itself).
    NodeAdded(String),
    /// It was there already.
    NodeExists(String),
    /// It cannot be added: there are as many as there may be.
    TooManyNodes(String),
    /// A node joined by itself.
    NodeJoined(String),
    /// A node was removed.
    NodeRemoved(String),
    /// It was not there.
    NodeUnknown(String),
    /// It cannot be deleted while it lives.
    DeleteLiving(String),
    /// It cannot be deleted while this other one is dead.
    DeleteNeeds(String),
    /// We are to be deleted.
    DeletingMyself,
    /// A peer's node list lacks nodes of our configuration; they stay.
    ListLacksNodes {
        /// Who sent the list.
        from: String,
        /// What it lacks.
        missing: Vec<String>,
    },
    /// Weight or site for a node that does not exist.
    NoSuchNode {
        /// `weight` or `site`.
        what: &'static str,
        /// The node.
        node: String,
    },
    /// A local program's message without a type, or with a word that cannot be sent.
    InvalidLocalMessage(Vec<String>),
    /// A peer signs with another key than ours: until it agrees, we sign with its key.
    SigningWith {
        /// The key in use now.
        key: u8,
        /// The key of our `auth` line.
        wanted: u8,
    },
    /// Starting again on request or after a partition.
    RestartTriggered,
    /// About resources.
    Resource(ResourceEvent),
}
