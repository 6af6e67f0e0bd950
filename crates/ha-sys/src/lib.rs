//! The operating system behind the daemons, in small pieces that know no protocol: descriptors, media, logs, children.

pub mod child;
pub mod clock;
pub mod daemonize;
pub mod fifo;
pub mod log;
pub mod media;
pub mod pidfile;
pub mod poll;
pub mod process;
pub mod realtime;
pub mod reboot;
pub mod signals;
pub mod state;
pub mod title;
pub mod watchdog;
