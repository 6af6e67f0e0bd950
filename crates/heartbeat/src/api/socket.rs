//! The socket's system calls: listen, accept with credentials, receive, send. None of them waits.
//!
//! Source: client API specification, sections 1.1 and 1.5.

use crate::paths;
use cluster_protocol::api::Credentials;
use nix::errno::Errno;
use nix::getsockopt_impl;
use nix::sys::socket::sockopt::{GetStruct, PeerCredentials};
use nix::sys::socket::{MsgFlags, getsockopt, recv, send as send_some};
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// The socket's name in the run directory.
const NAME: &str = "register";
/// `SO_PEERGROUPS`: the supplementary groups of the peer. The safe wrappers of `nix` take options of one length only,
/// so each number of groups is a type of its own; a buffer that is too small gives `ERANGE`, and the first that is not
/// fits.
macro_rules! peer_groups {
    ($($name:ident $count:literal),*) => {
        $(
            #[derive(Clone, Copy, Debug)]
            struct $name;
            getsockopt_impl!($name, libc::SOL_SOCKET, libc::SO_PEERGROUPS, [u32; $count], GetStruct<[u32; $count]>);
        )*

        /// The supplementary groups of the peer; `ERANGE` if there are more than 32.
        fn peer_groups(stream: &UnixStream) -> nix::Result<Vec<u32>> {
            $(
                match getsockopt(stream, $name) {
                    Err(Errno::ERANGE) => {}
                    other => return other.map(Vec::from),
                }
            )*
            Err(Errno::ERANGE)
        }
    };
}

peer_groups!(
    Groups0 0, Groups1 1, Groups2 2, Groups3 3, Groups4 4, Groups5 5, Groups6 6, Groups7 7,
    Groups8 8, Groups9 9, Groups10 10, Groups11 11, Groups12 12, Groups13 13, Groups14 14, Groups15 15,
    Groups16 16, Groups17 17, Groups18 18, Groups19 19, Groups20 20, Groups21 21, Groups22 22, Groups23 23,
    Groups24 24, Groups25 25, Groups26 26, Groups27 27, Groups28 28, Groups29 29, Groups30 30, Groups31 31,
    Groups32 32
);

/// What came of accepting.
pub(super) enum Accepted {
    /// A connection and who made it.
    Peer(UnixStream, Credentials),
    /// Nobody waits.
    None,
    /// This one failed; the next may work.
    Failed,
    /// Descriptors or memory are used up.
    NoRoom,
}

/// What came of receiving.
pub(super) enum Received<'a> {
    Bytes(&'a [u8]),
    Nothing,
    End,
}

/// What came of sending.
pub(super) enum Sent {
    Bytes(usize),
    Full,
    Broken,
}

/// Makes the socket anew. Everybody may connect who gets into its directory: the directory decides.
pub(super) fn listen() -> io::Result<UnixListener> {
    let path = Path::new(paths::RUN_DIRECTORY).join(NAME);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o777))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

pub(super) fn accept(listener: &UnixListener) -> Accepted {
    let stream = match listener.accept() {
        Ok((stream, _)) => stream,
        Err(error) => {
            return match error.raw_os_error().map(Errno::from_raw) {
                Some(Errno::EAGAIN) => Accepted::None,
                Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::ENOBUFS) => Accepted::NoRoom,
                _ => Accepted::Failed,
            };
        }
    };
    match stream.set_nonblocking(true).and_then(|()| credentials(&stream)) {
        Ok(peer) => Accepted::Peer(stream, peer),
        Err(_) => Accepted::Failed,
    }
}

fn credentials(stream: &UnixStream) -> io::Result<Credentials> {
    let peer = getsockopt(stream, PeerCredentials)?;
    // Too many of them: as if there were none.
    let groups = peer_groups(stream).unwrap_or_default();
    Ok(Credentials { pid: u32::try_from(peer.pid()).unwrap_or(0), uid: peer.uid(), gid: peer.gid(), groups })
}

pub(super) fn receive<'a>(stream: &UnixStream, buffer: &'a mut [u8]) -> Received<'a> {
    match recv(stream.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
        Ok(0) => Received::End,
        Ok(count) => buffer.get(..count).map_or(Received::Nothing, Received::Bytes),
        Err(Errno::EAGAIN | Errno::EINTR) => Received::Nothing,
        Err(_) => Received::End,
    }
}

pub(super) fn send(stream: &UnixStream, bytes: &[u8]) -> Sent {
    match send_some(stream.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
        Ok(count) => Sent::Bytes(count),
        Err(Errno::EINTR) => Sent::Bytes(0),
        Err(Errno::EAGAIN) => Sent::Full,
        Err(_) => Sent::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_who_is_at_the_other_end() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let peer = credentials(&ours).unwrap();
        assert_eq!(peer.pid, std::process::id());
        assert_eq!(peer.uid, nix::unistd::geteuid().as_raw());
        let wanted: Vec<u32> = nix::unistd::getgroups().unwrap().into_iter().map(nix::unistd::Gid::as_raw).collect();
        let mut groups = peer.groups;
        groups.sort_unstable();
        let mut wanted = wanted;
        wanted.sort_unstable();
        assert_eq!(groups, wanted);
    }

    #[test]
    fn nothing_waits_and_the_end_is_seen() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut buffer = [0; 16];
        assert!(matches!(receive(&ours, &mut buffer), Received::Nothing));
        assert!(matches!(send(&theirs, b"abc"), Sent::Bytes(3)));
        assert!(matches!(receive(&ours, &mut buffer), Received::Bytes(b"abc")));
        while matches!(send(&theirs, &[0; 4096]), Sent::Bytes(_)) {}
        assert!(matches!(send(&theirs, &[0; 4096]), Sent::Full));
        drop(theirs);
        while matches!(receive(&ours, &mut buffer), Received::Bytes(_)) {}
        assert!(matches!(receive(&ours, &mut buffer), Received::End));
        assert!(matches!(send(&ours, b"x"), Sent::Broken));
    }
}
