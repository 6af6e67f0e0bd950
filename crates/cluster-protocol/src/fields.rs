//! Names of fields, message types and words on the wire, under the originals' spelling (wire specification, sections 4 and 5).

/// Message type.
pub const F_TYPE: &str = "t";
/// Sender's node name, lower case.
pub const F_ORIG: &str = "src";
/// Sender's id, 16 binary bytes.
pub const F_ORIG_UUID: &str = "srcuuid";
/// Addressee's node name.
pub const F_TO: &str = "dest";
/// Addressee's id.
pub const F_TO_UUID: &str = "destuuid";
/// Sequence number, hexadecimal; absent in `NS_` messages.
pub const F_SEQ: &str = "seq";
/// Generation of the sender's start, hexadecimal.
pub const F_GENERATION: &str = "hg";
/// Send time, hexadecimal seconds since 1970.
pub const F_TIME: &str = "ts";
/// Text of `/proc/loadavg`.
pub const F_LOAD: &str = "ld";
/// Hop budget, decimal.
pub const F_TTL: &str = "ttl";
/// Signature: key index and digest.
pub const F_AUTH: &str = "auth";
/// Status word of a node, link or client.
pub const F_STATUS: &str = "st";
/// Dead time that the sender wants applied to itself, hexadecimal milliseconds.
pub const F_DEADTIME: &str = "dt";
/// `1`: the sender acknowledges.
pub const F_PROTOCOL: &str = "protocol";
/// Acknowledged sequence number, hexadecimal.
pub const F_ACK: &str = "ackseq";
/// First wanted sequence number: decimal in [`T_REXMIT`], hexadecimal in [`T_NAK`].
pub const F_FIRST: &str = "firstseq";
/// Last wanted sequence number, decimal.
pub const F_LAST: &str = "lastseq";
/// Comment or sub-command.
pub const F_COMMENT: &str = "info";
/// Resource set: `none`, `local`, `foreign`, `all`.
pub const F_RESOURCES: &str = "rsc_hold";
/// `full`: the set is absolute.
pub const F_RTYPE: &str = "rtype";
/// `1` if the sender takes no more without a new transition.
pub const F_ISSTABLE: &str = "isstable";
/// Node that a message is about.
pub const F_NODE: &str = "node";
/// Result of an operation.
pub const F_RESULT: &str = "result";
/// Node names, each followed by a blank.
pub const F_NODELIST: &str = "nodelist";
/// Names of deleted nodes, each followed by a blank; one blank if empty.
pub const F_DELNODELIST: &str = "delnodelist";
/// A node's weight, decimal.
pub const F_WEIGHT: &str = "weight";
/// A node's site.
pub const F_SITE: &str = "site";
/// Ours, ignored by originals: the key index that the sender would sign with if all its peers did.
pub const F_WANTED_KEY: &str = "authwant";
/// Ours, ignored by originals: in every status, `1`: the sender is one of ours.
pub const F_OURS: &str = "lvsha";
/// Ours, with more than two nodes: whose groups the sender of a `resource` message holds, each name followed by a blank.
pub const F_HOMES: &str = "lvshahomes";
/// Ours, with more than two nodes: who gives in the standby that an `ask_resources` message belongs to.
pub const F_GIVER: &str = "lvshagiver";
/// Ours: with which nodes the sender of a `resource` message settles what both hold after a partition.
pub const F_SETTLES: &str = "lvshasettles";
/// Ours: the sender tells how its groups are, for status commands of its peers.
pub const T_GROUPS: &str = "lvshagroups";
/// Ours: what the sender says about each of its groups.
pub const F_GROUPS: &str = "lvshagroups";

/// Status message.
pub const T_STATUS: &str = "status";
/// Status of a ping node, made by its medium.
pub const T_NS_STATUS: &str = "NS_st";
/// Acknowledgement.
pub const T_ACK: &str = "NS_ackmsg";
/// Request for retransmission.
pub const T_REXMIT: &str = "NS_rexmit";
/// Refusal of a retransmission.
pub const T_NAK: &str = "NS_nak_rexmit";
/// Question for the node list.
pub const T_REQNODES: &str = "reqnodes";
/// Its answer.
pub const T_REPNODES: &str = "repnodes";
/// Communication is up, resources are not distributed yet.
pub const T_STARTING: &str = "starting";
/// Who holds which set.
pub const T_RESOURCES: &str = "resource";
/// Standby dialogue.
pub const T_ASKRESOURCES: &str = "ask_resources";
/// All resources were released by a node that stops.
pub const T_SHUTDONE: &str = "shutdone";
/// Result of fencing.
pub const T_STONITH: &str = "stonith";
/// Nodes to add.
pub const T_ADDNODE: &str = "addnode";
/// Nodes to delete.
pub const T_DELNODE: &str = "delnode";
/// A node's new weight.
pub const T_SETWEIGHT: &str = "setweight";
/// A node's new site.
pub const T_SETSITE: &str = "setsite";

/// Types that begin so carry no sequence number.
pub const NO_SEQUENCE: &str = "NS_";

/// First status of a start.
pub const ST_INIT: &str = "init";
/// Heartbeats flow, communication is not up yet.
pub const ST_UP: &str = "up";
/// Communication is up.
pub const ST_ACTIVE: &str = "active";
/// Assigned by observers only, and in [`T_SHUTDONE`].
pub const ST_DEAD: &str = "dead";
/// Living ping node.
pub const ST_PING: &str = "ping";
