//! Many changes in few datagrams.
//!
//! The kernel carries out all messages of a datagram, in order, before `send` returns. Only the last message of a
//! datagram asks for an acknowledgement: success of the others is silent, refusals are always told, each as a datagram
//! with the sequence number of its request. All of these wait in the receive buffer while the requests are carried out,
//! so a datagram holds no more requests than there is room for refusals.
//!
//! One refusal is never told: the kernel sends no answer at all for `EINTR`, not even if one was asked for. Of the IPVS
//! commands only stopping a sync daemon meets it, if the daemon's thread has not run yet; the daemon is gone nevertheless
//! (observed on Linux 6.1). So such a request is always the last of its datagram, and no answer means that it is done.

use super::Failure;
use super::netlink::{Netlink, malformed};
use crate::op::Op;
use crate::transport::Expected;
use crate::wire::genl::{self, Messages, NLM_F_ACK, NLMSG_ERROR, NLMSG_OVERRUN};
use crate::wire::request;
use crate::{Command, Error, Result};
use std::io;

/// So many refusals fit into any receive buffer of the usual size (212992 bytes), without asking.
const FEW: usize = 64;
/// Most requests in a datagram of a longer batch.
const MANY: usize = 1024;
/// A datagram is closed when it has this many bytes: well below the usual send buffer of 212992.
const BYTES: usize = 96 * 1024;

impl Netlink {
    /// See [`super::Client::batch`].
    pub(super) fn batch(&mut self, ops: &[Op]) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        let most = if ops.len() <= FEW { FEW } else { self.transport.reserve(MANY)?.min(MANY) };
        let (mut done, mut bytes) = (0, BYTES);
        while let Some(rest) = ops.get(done..).filter(|rest| !rest.is_empty()) {
            let (first, count) = self.build(rest, most, bytes);
            match self.transport.send(&self.out) {
                Ok(()) => {}
                // Nothing was carried out. Such a small send buffer is unusual.
                Err(error) if error.raw_os_error() == Some(libc::EMSGSIZE) && count > 1 => {
                    bytes = self.out.len() / 2;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            self.acknowledgements(rest, first, count, done, &mut failures)?;
            done += count;
        }
        Ok(failures)
    }

    /// Builds a datagram of the first requests; returns the first sequence number and how many there are.
    fn build(&mut self, ops: &[Op], most: usize, bytes: usize) -> (u32, usize) {
        self.out.clear();
        let first = self.sequence.wrapping_add(1);
        let (mut count, mut last) = (0, 0);
        for op in ops.iter().take(most) {
            last = self.out.len();
            let sequence = self.next_sequence();
            request::encode_op(&mut self.out, self.family, sequence, 0, op);
            count += 1;
            if self.out.len() >= bytes || matches!(op, Op::StopDaemon(..)) {
                break;
            }
        }
        genl::add_flags(&mut self.out, last, NLM_F_ACK);
        (first, count)
    }

    /// Reads refusals up to the answer to the last of `count` requests.
    fn acknowledgements(
        &mut self,
        ops: &[Op],
        first: u32,
        count: usize,
        base: usize,
        failures: &mut Vec<Failure>,
    ) -> Result<()> {
        let expected = if count == 1 { Expected::Short } else { Expected::Refusals };
        loop {
            let datagram = match self.transport.receive(expected) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    failures.extend(unanswered(ops, count, base));
                    return Ok(());
                }
                other => other?,
            };
            for message in Messages::new(datagram) {
                let command = ops.first().map_or(Command::Zero, Op::command);
                let message = message.map_err(|what| malformed(command, what))?;
                let nth = usize::try_from(message.sequence.wrapping_sub(first)).unwrap_or(usize::MAX);
                let Some(op) = ops.get(nth).filter(|_| nth < count) else {
                    continue;
                };
                let command = op.command();
                match message.kind {
                    NLMSG_ERROR => {}
                    NLMSG_OVERRUN => return Err(io::Error::from_raw_os_error(libc::ENOBUFS).into()),
                    _ => continue,
                }
                let errno = message.errno().map_err(|what| malformed(command, what))?;
                if errno != 0 {
                    failures.push(Failure { index: base + nth, error: Error::Kernel { command, errno } });
                }
                if nth + 1 == count {
                    return Ok(());
                }
            }
        }
    }
}

/// What it means that the last of `count` requests got no answer.
fn unanswered(ops: &[Op], count: usize, base: usize) -> Option<Failure> {
    let last = count.checked_sub(1)?;
    let command = ops.get(last)?.command();
    let error = Error::Kernel { command, errno: libc::EINTR };
    (command != Command::DelDaemon).then_some(Failure { index: base + last, error })
}
