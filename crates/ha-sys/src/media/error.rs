//! What can go wrong with a medium. Facts only; the words are in `text.rs`.

use nix::errno::Errno;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking for the interface or its address.
    Interface,
    /// Making a socket.
    Socket,
    /// Setting the named socket option; `true`: of the sending socket.
    Option(&'static str, bool),
    /// Binding the receiving socket.
    Bind,
    /// Opening the device.
    Open,
    /// Reading or changing the line's attributes.
    Attributes,
    /// Sending.
    Send,
    /// Receiving.
    Receive,
}

/// An error of one endpoint. None of them harms other endpoints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The interface or the way over it is gone (deleted, down, without address). Opening again helps once it is back.
    #[error("medium gone at {step:?}: errno {errno}")]
    Gone {
        /// What was being done.
        step: Step,
        /// The error number.
        errno: i32,
    },
    /// Somebody else has the port.
    #[error("port in use: errno {errno}")]
    Busy {
        /// The error number.
        errno: i32,
    },
    /// Somebody else has locked the serial line.
    #[error("line locked by process {pid}")]
    Locked {
        /// Its process number.
        pid: u32,
    },
    /// The kernel's queue had no room: this one message is lost, the medium is well.
    #[error("no room to send")]
    Full,
    /// The message does not fit into a datagram or into the serial queue.
    #[error("message of {length} bytes is too long")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The other end of the serial line hung up.
    #[error("end of file")]
    HungUp,
    /// This baud rate does not exist.
    #[error("no such baud rate: {baud}")]
    Baud {
        /// The rate.
        baud: u32,
    },
    /// Anything else.
    #[error("{step:?} failed: errno {errno}")]
    Io {
        /// What was being done.
        step: Step,
        /// The error number.
        errno: i32,
    },
}

impl MediaError {
    /// The error for `errno` at `step`.
    #[must_use]
    pub fn from_errno(step: Step, errno: Errno) -> Self {
        let number = errno as i32;
        match errno {
            Errno::EAGAIN | Errno::ENOBUFS | Errno::ENOMEM if step == Step::Send => Self::Full,
            Errno::EADDRINUSE => Self::Busy { errno: number },
            Errno::ENODEV
            | Errno::ENXIO
            | Errno::ENETDOWN
            | Errno::ENETUNREACH
            | Errno::EHOSTUNREACH
            | Errno::EHOSTDOWN
            | Errno::ENONET
            | Errno::EADDRNOTAVAIL
            | Errno::EIO => Self::Gone { step, errno: number },
            _ => Self::Io { step, errno: number },
        }
    }

    /// The error number, if there is one.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Gone { errno, .. } | Self::Busy { errno } | Self::Io { errno, .. } => Some(*errno),
            _ => None,
        }
    }

    /// Whether only this one message is lost and the medium is well.
    #[must_use]
    pub fn concerns_one_message(&self) -> bool {
        matches!(self, Self::Full | Self::TooLong { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_an_interface_that_is_down_mean_gone_and_others_do_not() {
        let at = |errno| MediaError::from_errno(Step::Send, errno);
        for errno in [Errno::ENODEV, Errno::ENETDOWN, Errno::ENETUNREACH, Errno::EADDRNOTAVAIL, Errno::EIO] {
            assert_eq!(at(errno), MediaError::Gone { step: Step::Send, errno: errno as i32 });
        }
        assert_eq!(at(Errno::EPERM), MediaError::Io { step: Step::Send, errno: libc::EPERM });
        assert!(at(Errno::ENOBUFS).concerns_one_message());
        assert!(!MediaError::from_errno(Step::Socket, Errno::ENOBUFS).concerns_one_message());
    }
}
