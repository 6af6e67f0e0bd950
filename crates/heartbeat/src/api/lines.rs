//! The texts of what the server reports. Those in the words of heartbeat 3.0.6 were observed there.

use crate::line::{Line, Severity, error, info, warn};
use cluster_protocol::api::ApiEvent;

fn debug(text: impl Into<String>) -> Line {
    (Severity::Debug, text.into())
}

/// The lines of one event.
pub(super) fn lines(event: &ApiEvent) -> Vec<Line> {
    let line = match event {
        ApiEvent::Frame { pid, error: why } => error(format!("{why}: connection of process {pid} closed")),
        ApiEvent::Unreadable { pid } => error(format!("No message from pid {pid}")),
        ApiEvent::NoSignOn { pid } => error(format!("api_process_registration_msg: bad message from pid {pid}")),
        ApiEvent::Incomplete { pid } => {
            error(format!("api_process_request: request without type or sender from pid {pid}"))
        }
        ApiEvent::Unknown { pid, request, dump } => {
            let first = [
                error(format!("Unknown API request from pid {pid}")),
                error(format!("api_process_request: bad request [{}]", request.escape_debug())),
            ];
            let fields = dump.iter().enumerate().map(|(index, field)| info(format!("MSG[{index}] : [{field}]")));
            return first.into_iter().chain(fields).collect();
        }
        ApiEvent::Denied { pid, id, why } => {
            warn(format!("api_add_client: client {} [pid {pid}] refused: {why}", id.escape_debug()))
        }
        ApiEvent::SignedOn { pid, id } => debug(format!("Signing on API client {pid} ({id})")),
        ApiEvent::Left { pid, id, why: why @ ("EOF" | "signoff") } => {
            debug(format!("Signing client {pid} ({id}) off: {why}"))
        }
        ApiEvent::Left { pid, id, why } => warn(format!("Client {id} (pid {pid}) removed: {why}")),
        ApiEvent::Casual { pid } => error(format!("general message from casual client! (pid {pid})")),
        ApiEvent::NoType { id } => error(format!("api_process_request: message without type from client {id}")),
        ApiEvent::Forged { id, kind } => {
            warn(format!("client {id} tried to send a message of type {}: dropped", kind.escape_debug()))
        }
        ApiEvent::QueueLength { id } => warn(format!("client {id}: the length of the send queue is no number")),
        ApiEvent::Paused => warn("all clients are now paused"),
        ApiEvent::Resumed => info("all clients are now resumed"),
        ApiEvent::TooMany => {
            warn("too many API clients: the oldest that has not signed on, or the new one, is refused")
        }
        ApiEvent::Suppressed(count) => warn(format!("{count} lines about API clients were left out")),
        other => debug(format!("{other:?}")),
    };
    vec![line]
}

/// The socket cannot be made.
pub(super) fn cannot_open(failure: &std::io::Error) -> String {
    format!("Cannot open the socket of local clients, trying again: {}", crate::identity::reason(failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster_protocol::api::frame::FrameError;

    fn texts(event: &ApiEvent) -> Vec<String> {
        lines(event).into_iter().map(|(severity, text)| format!("{severity}: {text}")).collect()
    }

    #[test]
    fn known_lines_are_the_originals() {
        let frame = ApiEvent::Frame { pid: 7, error: FrameError::Magic(0x1234) };
        assert_eq!(texts(&frame), ["ERROR: magic=1234, expected value=abcd: connection of process 7 closed"]);
        assert_eq!(texts(&ApiEvent::Unreadable { pid: 0 }), ["ERROR: No message from pid 0"]);
        assert_eq!(texts(&ApiEvent::Paused), ["WARN: all clients are now paused"]);
        assert_eq!(texts(&ApiEvent::Casual { pid: 1 }), ["ERROR: general message from casual client! (pid 1)"]);
    }

    #[test]
    fn what_clients_send_cannot_forge_lines() {
        let event = ApiEvent::Unknown { pid: 7, request: "a\nb".into(), dump: vec!["t=hbapi-req".into()] };
        assert_eq!(
            texts(&event),
            [
                "ERROR: Unknown API request from pid 7",
                "ERROR: api_process_request: bad request [a\\nb]",
                "info: MSG[0] : [t=hbapi-req]"
            ]
        );
    }
}
