//! The resource scripts other than addresses, and the frame around all that print the lines of section 11.1.

mod alarm;
mod apache;
mod delay;
mod filesystem;
pub mod ipvsadm;
pub mod ldirectord;
mod mailto;
pub mod ocf;
mod portblock;
mod process;
pub mod sync_daemon;
mod users;
mod winpopup;
mod wrapper;
mod xinetd;

pub use wrapper::{Wrapped, joined, wrapped};
