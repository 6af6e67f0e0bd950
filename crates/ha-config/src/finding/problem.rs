//! What exactly is wrong, for directives with more than one way to be wrong.

/// What is wrong with a `ucast` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unicast {
    /// Nothing follows. The original crashes.
    NoDevice,
    /// Only a device.
    NoAddress {
        /// The device.
        interface: String,
    },
    /// The peer is not known.
    Unresolved {
        /// The device.
        interface: String,
    },
}

/// What is wrong with a `ucast6` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unicast6 {
    /// Nothing follows.
    NoDevice,
    /// Only a device.
    NoAddress {
        /// The device.
        interface: String,
    },
    /// No IPv6 address.
    BadAddress {
        /// The device.
        interface: String,
        /// As written.
        address: String,
    },
    /// No such device.
    BadDevice {
        /// The device.
        interface: String,
    },
    /// The zone is another device.
    OtherZone {
        /// The device.
        interface: String,
        /// Its number.
        index: u32,
        /// The zone's number.
        scope: u32,
        /// As written.
        address: String,
    },
    /// The zone is no device.
    NoZone {
        /// The device.
        interface: String,
        /// As written.
        address: String,
        /// The port, which the message tells too.
        port: u16,
    },
}

/// What is wrong with a `mcast` or `mcast6` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Multicast {
    /// Nothing follows. With `mcast` the original crashes.
    NoDevice,
    /// A part is missing: `address`, `port`, `ttl`, `hops` or `loop`.
    Missing(&'static str),
    /// The device cannot be used; what the kernel says, if it was asked.
    BadDevice(Option<String>),
    /// No group.
    BadAddress(String),
    /// No port.
    BadPort(i64),
    /// Too far.
    BadTtl(u8),
    /// Neither 0 nor 1.
    BadLoop(u8),
}

/// What is wrong with a serial device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serial {
    /// No full path.
    Relative,
    /// Nothing there.
    Missing,
    /// No character device.
    NoDevice,
}

/// What is wrong with a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Respawn {
    /// The user's name is longer than 63 bytes.
    UserTooLong,
    /// No such user.
    BadUser(String),
    /// The command is no full path.
    Relative(String),
    /// The command cannot be executed.
    NotExecutable(String),
}

/// What is wrong with an `apiauth` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiAuth {
    /// The client's name is longer than 31 bytes.
    NameTooLong,
    /// A word that is neither `uid=` nor `gid=`.
    BadWord,
    /// Two lists of users (or groups).
    TwoLists {
        /// Of groups.
        groups: bool,
    },
    /// No such user or group.
    Unknown {
        /// A group.
        group: bool,
        /// The name.
        name: String,
        /// The whole list.
        list: String,
    },
    /// The client has a line already.
    Twice {
        /// The client.
        client: String,
    },
}

/// What is wrong with a fencing device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stonith {
    /// No host.
    NoHost,
    /// The host's name is too long.
    HostTooLong,
    /// No type.
    NoType,
    /// Unknown type.
    BadType(String),
    /// The configuration file cannot be opened.
    NoFile(String),
    /// The configuration file says nothing.
    BadFile(String),
    /// No parameters.
    BadParameters(String),
}

/// What is wrong with `authkeys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Others may read it.
    Mode(u32),
    /// An `auth` line without a number: the line with its end.
    BadAuth(String),
    /// A line that is neither comment nor key: the line with its end.
    BadLine(String),
    /// No `auth` line.
    NoAuth,
    /// The `auth` line's key is not there, or only before it.
    NoKey(i32),
    /// Not 0 to 15.
    BadNumber(i32),
    /// Unknown method.
    BadMethod {
        /// As written.
        method: String,
        /// How many different methods were used before.
        used: usize,
    },
    /// The method needs a key.
    KeyMissing(String),
    /// The method `crc` takes none.
    KeyNotWanted,
}
