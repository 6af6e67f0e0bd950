//! Where everything lives. The same places as the original's, fixed at build time: scripts know them too.

/// Configuration directory, with the slash that the original prints twice.
pub const CONFIG_DIRECTORY: &str = "/etc/ha.d/";
/// The shell functions that scripts source.
pub const SHELL_FUNCTIONS: &str = "/etc/ha.d//shellfuncs";
/// The main configuration file.
pub const HA_CF: &str = "/etc/ha.d/ha.cf";
/// The keys.
pub const AUTHKEYS: &str = "/etc/ha.d/authkeys";
/// The first line names this node instead of `uname -n`.
pub const NODE_INFO: &str = "/etc/ha.d/nodeinfo";
/// The pid file.
pub const PID_FILE: &str = "/run/heartbeat.pid";
/// Sockets; owned by the cluster's user.
pub const RUN_DIRECTORY: &str = "/run/heartbeat";
/// Where resource scripts keep state; emptied at every start.
pub const RESOURCE_STATE: &str = "/run/heartbeat/rsctmp";
/// What survives a reboot.
pub const STATE_DIRECTORY: &str = "/var/lib/heartbeat";
/// Where scripts write messages.
pub const FIFO: &str = "/var/lib/heartbeat/fifo";
/// The generation.
pub const GENERATION: &str = "/var/lib/heartbeat/hb_generation";
/// This node's id.
pub const UUID: &str = "/var/lib/heartbeat/hb_uuid";
/// Members, remembered.
pub const HOST_CACHE: &str = "/var/lib/heartbeat/hostcache";
/// Deleted members, remembered.
pub const DELETED_HOST_CACHE: &str = "/var/lib/heartbeat/delhostcache";
/// Lock files of serial lines.
pub const SERIAL_LOCKS: &str = "/run/lock";
/// Scripts for messages.
pub const RC_DIRECTORY: &str = "/etc/ha.d/rc.d";
/// What `hbstatus` reads.
pub const ENGINE_VIEW: &str = "/run/heartbeat/engine.json";
/// Where the cluster's programs are installed; the second place is the one of older versions.
pub const PROGRAM_DIRECTORIES: [&str; 2] = ["/usr/libexec/heartbeat", "/usr/lib/heartbeat"];
/// The resource agents' root.
pub const OCF_ROOT: &str = "/usr/lib/ocf";
/// The user of everything that is not root's.
pub const CLUSTER_USER: &str = "hacluster";
/// Its group: who is in it may talk to the daemon.
pub const CLUSTER_GROUP: &str = "haclient";
