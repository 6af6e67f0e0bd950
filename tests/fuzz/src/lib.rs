//! What the fuzz targets do with their input. Each panics if the code under test breaks a promise.
//!
//! | target | reads | promises |
//! |---|---|---|
//! | [`netlink`] | replies of the kernel | any bytes give objects or an error, in bounded time; objects survive encoding |
//! | [`rules`] | a rules file | any bytes give rules or errors with a position; rules survive printing |
//! | [`args`] | an argument vector | any words give an invocation or an error; changes survive printing |
//! | [`connections`] | `/proc/net/ip_vs_conn` | any bytes give a listing of at most one line each |

pub mod args;
pub mod connections;
pub mod names;
pub mod netlink;
pub mod rules;
