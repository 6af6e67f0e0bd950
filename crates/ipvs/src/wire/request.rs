//! Requests: one message per [`Op`] or question.

use super::genl::{self, Header, NLM_F_REQUEST};
use super::{config, daemon, dest, service};
use crate::consts::*;
use crate::model::ServiceKey;
use crate::op::{Command, Op};

/// Appends the message that carries out `op`. `flags` are added to `NLM_F_REQUEST`.
pub fn encode_op(out: &mut Vec<u8>, family: u16, sequence: u32, flags: u16, op: &Op) {
    genl::encode(out, header(family, sequence, flags, number(op.command())), |writer| match op {
        Op::NewService(new) | Op::SetService(new) => service::encode(writer, new),
        Op::DelService(key) | Op::Zero(Some(key)) => service::encode_key(writer, key),
        Op::NewDest(key, new) | Op::SetDest(key, new) => {
            service::encode_key(writer, key);
            dest::encode(writer, new);
        }
        Op::DelDest(key, old) => {
            service::encode_key(writer, key);
            dest::encode_key(writer, old);
        }
        Op::Flush | Op::Zero(None) => {}
        Op::SetTimeouts(timeouts) => config::encode_timeouts(writer, timeouts),
        Op::StartDaemon(new) => daemon::encode(writer, new),
        Op::StopDaemon(state, sync_id) => daemon::encode_stop(writer, *state, *sync_id),
    });
}

/// Appends a question: `command` with the service it is about, if any.
pub fn encode_query(
    out: &mut Vec<u8>,
    family: u16,
    sequence: u32,
    flags: u16,
    command: Command,
    key: Option<&ServiceKey>,
) {
    genl::encode(out, header(family, sequence, flags, number(command)), |writer| {
        if let Some(key) = key {
            service::encode_key(writer, key);
        }
    });
}

fn header(family: u16, sequence: u32, flags: u16, command: u8) -> Header {
    Header { family, flags: NLM_F_REQUEST | flags, sequence, command, version: IPVS_GENL_VERSION }
}

/// The kernel's number of a command.
#[must_use]
pub fn number(command: Command) -> u8 {
    match command {
        Command::NewService => IPVS_CMD_NEW_SERVICE,
        Command::SetService => IPVS_CMD_SET_SERVICE,
        Command::DelService => IPVS_CMD_DEL_SERVICE,
        Command::GetService => IPVS_CMD_GET_SERVICE,
        Command::NewDest => IPVS_CMD_NEW_DEST,
        Command::SetDest => IPVS_CMD_SET_DEST,
        Command::DelDest => IPVS_CMD_DEL_DEST,
        Command::GetDest => IPVS_CMD_GET_DEST,
        Command::NewDaemon => IPVS_CMD_NEW_DAEMON,
        Command::DelDaemon => IPVS_CMD_DEL_DAEMON,
        Command::GetDaemon => IPVS_CMD_GET_DAEMON,
        Command::SetTimeouts => IPVS_CMD_SET_CONFIG,
        Command::GetTimeouts => IPVS_CMD_GET_CONFIG,
        Command::GetInfo => IPVS_CMD_GET_INFO,
        Command::Zero => IPVS_CMD_ZERO,
        Command::Flush => IPVS_CMD_FLUSH,
        Command::GetFamily => CTRL_CMD_GETFAMILY,
    }
}

/// The command number that answers to a question carry.
#[must_use]
pub fn answer_number(command: Command) -> u8 {
    match command {
        Command::GetService => IPVS_CMD_NEW_SERVICE,
        Command::GetDest => IPVS_CMD_NEW_DEST,
        Command::GetDaemon => IPVS_CMD_NEW_DAEMON,
        Command::GetTimeouts => IPVS_CMD_SET_CONFIG,
        Command::GetInfo => IPVS_CMD_SET_INFO,
        other => number(other),
    }
}
