//! Signing on: who the client says it is, against what the kernel says.
//!
//! A refusal carries the same fields as a success: `cl_status hbstatus` tells a daemon that refuses from one that is
//! not there by `deadtime`. Source: client API specification, section 2.3.

use super::client::Registration;
use super::rules::{Denied, allowed};
use super::server::{Action, ApiEvent, ClientId, Server};
use super::view::{Credentials, View};
use super::words::*;
use crate::fields::{F_COMMENT, F_NODE, F_RESULT, F_TYPE};
use crate::message::Message;

/// Longest client id in bytes; the originals' buffer is one larger.
const LONGEST_ID: usize = 31;

impl Server {
    pub(super) fn sign_on(&mut self, id: ClientId, message: &Message, view: &View<'_>, out: &mut Vec<Action>) {
        self.sign_ons += 1;
        let Some(peer) = self.clients.get(&id).map(|client| client.peer.clone()) else { return };
        let wanted = message.text(F_FROM_ID).or_else(|| message.text(F_PID)).unwrap_or_default();
        match self.examine(message, wanted, &peer) {
            Ok(registration) => {
                let news = (!registration.casual)
                    .then(|| self.client_news(JOIN, &registration.id, SIGN_ON, registration.generation));
                let event = ApiEvent::SignedOn { pid: peer.pid, id: registration.id.clone() };
                if let Some(client) = self.clients.get_mut(&id) {
                    client.registration = Some(registration);
                }
                out.push(Action::Log(event));
                let answer = self.sign_on_answer(None);
                self.tell(id, &answer);
                out.extend(news.map(Action::Send));
            }
            Err(why) => {
                let wanted = String::from_utf8_lossy(wanted).into_owned();
                self.complain(view, ApiEvent::Denied { pid: peer.pid, id: wanted, why }, out);
                let answer = self.sign_on_answer(Some(why));
                self.tell(id, &answer);
                self.end(id, "signon", view, out);
            }
        }
    }

    fn examine(&self, message: &Message, wanted: &[u8], peer: &Credentials) -> Result<Registration, Denied> {
        let usable = |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let name = std::str::from_utf8(wanted).ok().filter(usable);
        if name.is_some_and(|name| self.find(name).is_some()) {
            return Err(Denied::Duplicate);
        }
        let number = |field| message.number(field, 10);
        let (Some(uid), Some(gid), Some(name)) = (number(F_UID), number(F_GID), name) else {
            return Err(Denied::Invalid);
        };
        if uid != u64::from(peer.uid) || gid != u64::from(peer.gid) {
            return Err(Denied::False);
        }
        let pid = match message.text(F_PID) {
            Some(_) => number(F_PID).ok_or(Denied::BadProcess)?,
            None => u64::from(peer.pid),
        };
        let casual = leading_number(name) == Some(pid);
        allowed(&self.settings.rules, (!casual).then_some(name), peer)?;
        if peer.pid != 0 && pid != u64::from(peer.pid) {
            return Err(Denied::Process);
        }
        Ok(Registration { id: name.to_owned(), casual, generation: self.sign_ons })
    }

    fn sign_on_answer(&self, why: Option<Denied>) -> Message {
        let settings = &self.settings;
        let facility = match settings.facility {
            Some(number) => (u32::from(number) * 8).to_string(),
            // `logfacility none`; without the directive it is -1.
            None if settings.parameter("logfacility").is_some() => "0".to_owned(),
            None => "-1".to_owned(),
        };
        let mut answer = Message::new().with(F_TYPE, T_RESPONSE).with(F_REQUEST, SIGN_ON);
        if let Some(why) = why {
            answer = answer.with(F_COMMENT, why.to_string());
        }
        answer
            .with(F_RESULT, if why.is_some() { BAD_REQUEST } else { OK })
            .with(F_DEADTIME, format!("{:x}", settings.deadtime.as_millis()))
            .with(F_KEEPALIVE, format!("{:x}", settings.keepalive.as_millis()))
            .with(F_NODE, &settings.node)
            .with(F_VERSION, &settings.version)
            .with(F_PACEMAKER, settings.parameter("pacemaker").unwrap_or("false"))
            .with(F_FACILITY, facility)
    }

    /// The connection that is signed on under an id.
    pub(super) fn find(&self, id: &str) -> Option<ClientId> {
        self.clients.iter().find(|(_, client)| client.id() == Some(id)).map(|(id, _)| *id)
    }
}

/// The number that an id begins with: if it is the client's process, the client is casual.
fn leading_number(id: &str) -> Option<u64> {
    let end = id.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(id.len());
    id.get(..end)?.parse().ok()
}
