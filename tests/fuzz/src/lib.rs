//! What the fuzz targets do with their input. Each panics if the code under test breaks a promise.
//!
//! | target | reads | promises |
//! |---|---|---|
//! | [`netlink`] | replies of the kernel | any bytes give objects or an error, in bounded time; objects survive encoding |
//! | [`rules`] | a rules file | any bytes give rules or errors with a position; rules survive printing |
//! | [`args`] | an argument vector | any words give an invocation or an error; changes survive printing |
//! | [`connections`] | `/proc/net/ip_vs_conn` | any bytes give a listing of at most one line each |
//! | [`cluster_netstring`] | a packet of a cluster node | any bytes give a message or a reason; messages survive encoding |
//! | [`cluster_classic`] | the same as classic text | as above |
//! | [`cluster_stream`] | a serial line, the FIFO | the same messages however the stream is cut; bounded memory |
//! | [`client_api`] | the daemon's socket of local clients | answers are messages; nobody else suffers; always ends |
//! | [`resources`] | a peer's messages about resources | bounded reactions, children with numbers of their own, time passes |
//! | [`ha_cf`], [`authkeys`], [`haresources`] | heartbeat's files | any bytes give findings with places in the file |

pub mod args;
pub mod authkeys;
pub mod client_api;
pub mod cluster;
pub mod cluster_classic;
pub mod cluster_netstring;
pub mod cluster_stream;
pub mod config;
pub mod connections;
pub mod ha_cf;
pub mod haresources;
pub mod names;
pub mod netlink;
pub mod resources;
pub mod rules;
