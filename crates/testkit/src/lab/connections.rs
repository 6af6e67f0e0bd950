//! Lets a program see a given text instead of the kernel's connection table.

use std::fs;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

/// Does something, starting programs for instance, where `/proc/net/ip_vs_conn` has this content.
///
/// It happens on a thread with a mount namespace of its own, in which `/proc` is nothing but this file. The network
/// namespace stays the caller's.
///
/// # Errors
///
/// The mount cannot be made; else what `task` gives.
pub fn pretend<T: Send>(content: &str, task: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNS).context("a mount namespace")?;
            let none: Option<&str> = None;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).context("private mounts")?;
            mount(Some("tmpfs"), "/proc", Some("tmpfs"), MsFlags::empty(), none).context("/proc")?;
            fs::create_dir("/proc/net")?;
            fs::write("/proc/net/ip_vs_conn", content)?;
            task()
        });
        inside.join().map_err(|_| anyhow!("the thread of a pretended connection table has died"))?
    })
}
