//! What the resource engine reports. The texts, which monitoring matches, are made at the edge.

use super::Set;
use std::time::Duration;

/// Why the first acquisition of resources counts as complete; the words stand in the log line.
pub type Reason = &'static str;

/// One thing worth a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceEvent {
    /// The engine's state changed; numbers as in the originals' debug lines.
    State {
        /// Before.
        from: u8,
        /// Now.
        to: u8,
    },
    /// A `starting` message came in a state in which it means nothing.
    StartingInState(u8),
    /// A `resource` message came before communication was up.
    ResourcesInState(u8),
    /// A peer starts while we are taking over.
    StartingDuringTakeover,
    /// A `resource` message does not say what is held.
    WithoutSet,
    /// A message names a set that does not exist.
    BadSet(String),
    /// A peer's resource transition completed.
    RemoteTransitionCompleted,
    /// Our own did.
    LocalTransitionCompleted,
    /// There was nothing of ours to acquire.
    NothingToAcquire,
    /// The first distribution of resources is over.
    InitialAcquisitionComplete(Reason),
    /// All groups of a dead node were taken over.
    TakeoverComplete,
    /// The groups of this node are taken over.
    AcquiredFrom(String),
    /// Another node was elected to take over.
    LeftTo {
        /// Whose groups.
        node: String,
        /// Who takes them.
        taker: String,
    },
    /// No takeover while we stop.
    TakeoverCancelled,
    /// A peer released everything and stops.
    ShutdownNotice(String),
    /// A dead node held nothing.
    DeadNodeGaveUp(String),
    /// A dead node may hold something, and no fencing device is configured.
    NoStonith,
    /// A node is to be fenced.
    Fencing(String),
    /// Fencing failed and is tried again.
    FencingFailed(String),
    /// The node that was to be fenced lives, or has released everything.
    FencingCancelled(String),
    /// The fencing device does not answer for its status.
    DeviceFailed,
    /// A standby was under way when a node died.
    StandbyCancelled,
    /// A node wants to hand groups over.
    StandbyWanted {
        /// Who.
        node: String,
        /// Which, from its point of view.
        set: Set,
    },
    /// A standby was wanted while no peer lives that could take anything.
    StandbyWithoutPeer(Set),
    /// A standby message of a node that is ignored because resources are moving.
    StandbyInFlux {
        /// The word in `info`.
        word: String,
        /// Who sent it.
        node: String,
        /// Whether it is the other side that is not settled.
        other_side: bool,
    },
    /// Another standby is under way.
    StandbyInProgress {
        /// Who wants one too.
        node: String,
        /// How long the one under way may take yet.
        rest: Duration,
    },
    /// A standby message without sender or command.
    StandbyIncomplete,
    /// A standby message that does not fit.
    StandbyIgnored {
        /// The word in `info`.
        word: String,
        /// Who sent it.
        node: String,
        /// The phase, 0 to 3.
        phase: u8,
    },
    /// With `auto_failback legacy` there is no standby.
    StandbyNeedsFailback,
    /// The peer can take the groups.
    PeerCanTake {
        /// Who.
        node: String,
        /// Which.
        set: Set,
    },
    /// The groups to hand over are released.
    StandbyReleased(Set),
    /// The groups that a peer released are acquired now.
    StandbyAcquires {
        /// From whom.
        node: String,
        /// Which, from its point of view.
        set: Set,
    },
    /// They are acquired.
    StandbyAcquired(Set),
    /// The peer acquired them.
    StandbyTaken(Set),
    /// Nobody answered.
    StandbyTimeout,
    /// A handback has to wait.
    FailbackDelayed,
    /// A stop has to wait for resources.
    ShutdownDelayed,
    /// It does not wait any longer.
    ShutdownForced,
    /// A reload has to wait for resources.
    RestartDelayed,
    /// Stopping.
    ShutdownInProgress,
    /// The last word of a stop took too long.
    EmergencyShutdown,
    /// Both nodes claim our groups.
    BothOwnLocal,
    /// Both nodes claim the other's groups.
    BothOwnForeign,
    /// Nobody claims our groups.
    NoneOwnLocal,
    /// Nobody claims the other's groups.
    NoneOwnForeign,
    /// A child that worked on resources ended.
    JobEnded {
        /// Its name.
        name: String,
        /// Exit status, or what killed it.
        status: super::JobEnd,
    },
    /// A child that worked on resources was killed; it is run again.
    JobRepeated(String),
    /// Too many messages wait for their scripts.
    QueueFull(String),
    /// A node of ours returned after a partition: what both hold is settled without a restart.
    Settling(String),
    /// The daemon before this one was killed: what it may have left running of this set is stopped.
    ReleasingLeftovers(Set),
    /// Both sides of a partition hold these groups; the other side keeps them.
    ReleasingDoubles {
        /// Who keeps them.
        node: String,
        /// Which.
        set: Set,
    },
}
