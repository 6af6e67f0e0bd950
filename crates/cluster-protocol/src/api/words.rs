//! Names of fields, requests, results and message types of the client API, under the originals' spelling.

/// Type of a request.
pub const T_REQUEST: &str = "hbapi-req";
/// Type of an answer.
pub const T_RESPONSE: &str = "hbapi-resp";
/// A named client came or went.
pub const T_CLIENT_STATUS: &str = "hbapi-clstat";
/// A link came up or died; made by the daemon for its clients.
pub const T_LINK_STATUS: &str = "ifstat";
/// The question of one daemon to another whether a client is there.
pub const T_QUERY_CLIENT: &str = "query-cstatus";
/// Its answer.
pub const T_CLIENT_ANSWER: &str = "respond-cstatus";

/// What is requested.
pub const F_REQUEST: &str = "reqtype";
/// The process that asks, decimal.
pub const F_PID: &str = "pid";
/// The client that sends: its process in decimal (casual) or its name.
pub const F_FROM_ID: &str = "from_id";
/// The client that is to get it.
pub const F_TO_ID: &str = "to_id";
/// Effective user of a client, decimal.
pub const F_UID: &str = "uid";
/// Effective group, decimal.
pub const F_GID: &str = "gid";
/// Counts the sign-ons since the daemon's start, decimal.
pub const F_CLIENT_GENERATION: &str = "client_gen";
/// Name of a link.
pub const F_LINK: &str = "ifname";
/// Name of a client that is asked about.
pub const F_CLIENT: &str = "cn";
/// `online` or `offline`.
pub const F_CLIENT_STATE: &str = "cs";
/// Sub-type of an answer.
pub const F_SUBTYPE: &str = "subt";
/// Name of a parameter.
pub const F_PARAMETER: &str = "pname";
/// Its value.
pub const F_VALUE: &str = "pvalue";
/// Filter mask, hexadecimal.
pub const F_MASK: &str = "fmask";
/// Signal number, decimal.
pub const F_SIGNAL: &str = "signal";
/// Length of the send queue, decimal.
pub const F_QUEUE_LENGTH: &str = "sendqlen";
/// Node name that is asked about, or the answer to a question for a name.
pub const F_QUERY_NAME: &str = "queryname";
/// Node id, likewise.
pub const F_QUERY_UUID: &str = "queryuuid";
/// `normal`, `ping`.
pub const F_NODE_TYPE: &str = "nodetype";
/// Number of members, decimal.
pub const F_NUM_NODES: &str = "numnodes";
/// Dead time in the answer to a sign-on, hexadecimal milliseconds.
pub const F_DEADTIME: &str = "deadtime";
/// Heartbeat interval, likewise.
pub const F_KEEPALIVE: &str = "keepalive";
/// Version of the daemon.
pub const F_VERSION: &str = "hbversion";
/// Whether a resource manager of its own runs.
pub const F_PACEMAKER: &str = "pacemaker";
/// Facility of the system log, already shifted by three bits; -1 for none.
pub const F_FACILITY: &str = "logfacility";
/// Number of an ordered message, hexadecimal; the daemon passes it on.
pub const F_ORDER: &str = "oseq";

/// Sign on; must be the first.
pub const SIGN_ON: &str = "signon";
/// Sign off; there is no answer.
pub const SIGN_OFF: &str = "signoff";
/// Set the filter mask.
pub const SET_FILTER: &str = "setfilter";
/// Set the signal.
pub const SET_SIGNAL: &str = "setsignal";
/// All nodes, one answer each.
pub const NODE_LIST: &str = "nodelist";
/// A node's status.
pub const NODE_STATUS: &str = "nodestatus";
/// A node's type.
pub const NODE_TYPE: &str = "nodetype";
/// A node's weight.
pub const NODE_WEIGHT: &str = "nodeweight";
/// A node's site.
pub const NODE_SITE: &str = "nodesite";
/// How many members.
pub const NUM_NODES: &str = "numnodes";
/// A node's links, one answer each.
pub const LINK_LIST: &str = "iflist";
/// A link's status.
pub const LINK_STATUS: &str = "ifstatus";
/// Whether a client is signed on at a node.
pub const CLIENT_STATUS: &str = "clientstatus";
/// A parameter's value.
pub const GET_PARAMETER: &str = "getparm";
/// What this node holds.
pub const GET_RESOURCES: &str = "getrsc";
/// A node's id by its name.
pub const GET_UUID: &str = "getuuid";
/// A node's name by its id.
pub const GET_NODE_NAME: &str = "getnodename";
/// Set the length of the send queue; there is no answer.
pub const SET_QUEUE_LENGTH: &str = "set_sendqlen";

/// Done, or the last element of a list.
pub const OK: &str = "OK";
/// An element of a list, more follow.
pub const OK_MORE: &str = "ok/more";
/// Refused.
pub const BAD_REQUEST: &str = "badreq";
/// Failed; defined, never sent by 3.0.6.
pub const FAIL: &str = "fail";

/// A client came.
pub const JOIN: &str = "join";
/// A client went.
pub const LEAVE: &str = "leave";
/// A client is there.
pub const ONLINE: &str = "online";
/// It is not.
pub const OFFLINE: &str = "offline";
/// A link works.
pub const UP: &str = "up";
/// It does not.
pub const DEAD: &str = "dead";

/// Filter: everything that carries news.
pub const KEEP_IT: u32 = 0x01;
/// Filter: heartbeats that repeat what is known.
pub const NO_CHANGE: u32 = 0x02;
/// Filter: requests of clients.
pub const API_CALL: u32 = 0x10;
/// Filter: every class there is. The others are dropped, doubled and protocol packets, which the core keeps to itself.
pub const ALL_CLASSES: u32 = 0x3f;
