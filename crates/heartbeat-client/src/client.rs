//! The client: sign-on, requests, messages.

use crate::error::Error;
use crate::options::Options;
use crate::order::Reorder;
use crate::stream::Stream;
use cluster_protocol::api::words::*;
use cluster_protocol::fields::{
    F_COMMENT, F_NODE, F_ORIG, F_RESOURCES, F_RESULT, F_SITE, F_STATUS, F_TO, F_TYPE, F_WEIGHT,
};
use cluster_protocol::message::{Message, Uuid, Value};
use nix::sys::utsname::uname;
use nix::unistd::{getegid, geteuid};
use std::collections::{BTreeMap, VecDeque};
use std::os::fd::{AsFd, BorrowedFd};
use std::process;
use std::time::{Duration, Instant};

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// `normal` or `ping`.
    pub kind: String,
    /// `init`, `up`, `active`, `dead`, or `ping`.
    pub status: String,
}

/// A link of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// `up` or `dead`.
    pub status: String,
}

/// A connection that has signed on.
#[derive(Debug)]
pub struct Client {
    stream: Stream,
    id: String,
    node: String,
    deadtime: Duration,
    keepalive: Duration,
    version: Option<String>,
    facility: Option<i32>,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    waiting: VecDeque<Message>,
    order: Reorder,
    /// The last number given to an ordered message, by addressee; empty is everybody.
    numbers: BTreeMap<String, u64>,
}

fn field(message: &Message, name: &'static str) -> Result<String, Error> {
    message.text(name).map(|text| String::from_utf8_lossy(text).into_owned()).ok_or(Error::Answer(name))
}

impl Client {
    /// Connects and signs on.
    ///
    /// # Errors
    /// [`Error::Connect`] without a daemon, [`Error::Refused`] if it does not want us, [`Error::Closed`] if it says
    /// nothing.
    pub fn sign_on(options: &Options) -> Result<Self, Error> {
        let stream = Stream::connect(&options.socket)?;
        let id = options.name.clone().unwrap_or_else(|| process::id().to_string());
        let node = uname().map(|name| name.nodename().to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let mut client = Self {
            stream,
            id,
            node,
            deadtime: Duration::ZERO,
            keepalive: Duration::ZERO,
            version: None,
            facility: None,
            timeout: options.timeout,
            deadline: options.deadline,
            waiting: VecDeque::new(),
            order: Reorder::default(),
            numbers: BTreeMap::new(),
        };
        let request = client.request(SIGN_ON).with(F_UID, geteuid().to_string()).with(F_GID, getegid().to_string());
        let answer = client.ask(SIGN_ON, &request)?;
        if answer.str(F_RESULT) != Some(OK) {
            return Err(Error::Refused(field(&answer, F_COMMENT).unwrap_or_default()));
        }
        let time = |name| answer.number(name, 16).map(Duration::from_millis).ok_or(Error::Answer(name));
        client.deadtime = time(F_DEADTIME)?;
        client.keepalive = time(F_KEEPALIVE)?;
        client.node = field(&answer, F_NODE)?;
        client.version = field(&answer, F_VERSION).ok();
        client.facility = answer.str(F_FACILITY).and_then(|number| number.parse().ok());
        Ok(client)
    }

    /// Our id: the name, or the process in decimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of this node.
    #[must_use]
    pub fn local_node(&self) -> &str {
        &self.node
    }

    /// The daemon's dead time.
    #[must_use]
    pub fn deadtime(&self) -> Duration {
        self.deadtime
    }

    /// The interval of its heartbeats.
    #[must_use]
    pub fn keepalive(&self) -> Duration {
        self.keepalive
    }

    /// Its version; older ones than 3.0 do not say it.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The facility of its system log, shifted by three bits as in `LOG_LOCAL0`; `None` if it has none.
    #[must_use]
    pub fn facility(&self) -> Option<i32> {
        self.facility.filter(|number| *number > 0)
    }

    /// Everything must have ended by then; `None`: each answer has its own time.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// All nodes in the daemon's order.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn nodes(&mut self) -> Result<Vec<Node>, Error> {
        let request = self.request(NODE_LIST);
        let answers = self.ask_list(NODE_LIST, &request)?;
        let mut nodes = Vec::new();
        for answer in answers {
            let name = field(&answer, F_NODE)?;
            // Daemons before 3.0 name the nodes only.
            let kind = match field(&answer, F_NODE_TYPE) {
                Ok(kind) => kind,
                Err(_) => self.node_type(&name)?,
            };
            let status = match field(&answer, F_STATUS) {
                Ok(status) => status,
                Err(_) => self.node_status(&name)?,
            };
            nodes.push(Node { name, kind, status });
        }
        Ok(nodes)
    }

    /// All links of a node in the daemon's order.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node.
    pub fn links(&mut self, node: &str) -> Result<Vec<Link>, Error> {
        let request = self.request(LINK_LIST).with(F_NODE, node);
        let answers = self.ask_list(LINK_LIST, &request)?;
        let mut links = Vec::new();
        for answer in answers {
            let name = field(&answer, F_LINK)?;
            let status = match field(&answer, F_STATUS) {
                Ok(status) => status,
                Err(_) => self.link_status(node, &name)?,
            };
            links.push(Link { name, status });
        }
        Ok(links)
    }

    /// A node's status.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node.
    pub fn node_status(&mut self, node: &str) -> Result<String, Error> {
        self.about(NODE_STATUS, node, F_STATUS)
    }

    /// A node's type: `normal` or `ping`.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node.
    pub fn node_type(&mut self, node: &str) -> Result<String, Error> {
        self.about(NODE_TYPE, node, F_NODE_TYPE)
    }

    /// A node's weight, 100 unless it was set.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node.
    pub fn node_weight(&mut self, node: &str) -> Result<u32, Error> {
        self.about(NODE_WEIGHT, node, F_WEIGHT)?.parse().map_err(|_| Error::Answer(F_WEIGHT))
    }

    /// A node's site, empty unless it was set.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node.
    pub fn node_site(&mut self, node: &str) -> Result<String, Error> {
        self.about(NODE_SITE, node, F_SITE)
    }

    /// How many members the cluster has, ping nodes not counted.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn node_count(&mut self) -> Result<u32, Error> {
        let request = self.request(NUM_NODES);
        let answer = self.ask_good(NUM_NODES, &request)?;
        field(&answer, F_NUM_NODES)?.parse().map_err(|_| Error::Answer(F_NUM_NODES))
    }

    /// A link's status: `up` or `dead`.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node or link.
    pub fn link_status(&mut self, node: &str, link: &str) -> Result<String, Error> {
        let request = self.request(LINK_STATUS).with(F_NODE, node).with(F_LINK, link);
        let answer = self.ask_good(LINK_STATUS, &request)?;
        field(&answer, F_STATUS)
    }

    /// A parameter as `ha.cf` or the daemon's defaults say it; `None` if it is not set.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn parameter(&mut self, name: &str) -> Result<Option<String>, Error> {
        let request = self.request(GET_PARAMETER).with(F_PARAMETER, name);
        let answer = self.ask_good(GET_PARAMETER, &request)?;
        Ok(field(&answer, F_VALUE).ok())
    }

    /// What this node holds: `none`, `local`, `foreign`, `all`, or `transition` while that changes.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if heartbeat does not manage resources.
    pub fn resources(&mut self) -> Result<String, Error> {
        let request = self.request(GET_RESOURCES);
        let answer = self.ask_good(GET_RESOURCES, &request)?;
        field(&answer, F_RESOURCES)
    }

    /// Whether a client is signed on at a node. The node itself is asked, and may not answer in time.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an unknown node, [`Error::TimedOut`].
    pub fn client_status(&mut self, node: &str, client: &str, timeout: Duration) -> Result<bool, Error> {
        let request = self.request(CLIENT_STATUS).with(F_NODE, node).with(F_CLIENT, client);
        self.stream.send(&request, self.limit())?;
        let mut limit = Instant::now().checked_add(timeout);
        if let Some(deadline) = self.deadline {
            limit = Some(limit.map_or(deadline, |limit| limit.min(deadline)));
        }
        loop {
            let message = self.stream.receive(limit)?;
            let response = message.kind() == T_RESPONSE.as_bytes();
            let local = response && message.str(F_REQUEST) == Some(CLIENT_STATUS);
            let remote = message.kind() == T_CLIENT_ANSWER.as_bytes()
                && message.str(F_CLIENT) == Some(client)
                && message.str(F_ORIG).is_none_or(|from| from.eq_ignore_ascii_case(node));
            if local || remote {
                good(CLIENT_STATUS, &message)?;
                return Ok(field(&message, F_CLIENT_STATE)? == ONLINE);
            }
            self.keep(message, response);
        }
    }

    /// A node's id; `None` if the node or its id is unknown.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn uuid_of(&mut self, node: &str) -> Result<Option<Uuid>, Error> {
        let request = self.request(GET_UUID).with(F_QUERY_NAME, node);
        Ok(self.ask_good(GET_UUID, &request)?.uuid(F_QUERY_UUID))
    }

    /// The node with this id; `None` if there is none.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub fn node_of(&mut self, uuid: Uuid) -> Result<Option<String>, Error> {
        let mut request = self.request(GET_NODE_NAME);
        request.push(F_QUERY_UUID, Value::Binary(uuid.0.to_vec()));
        let answer = self.ask_good(GET_NODE_NAME, &request)?;
        Ok(field(&answer, F_QUERY_NAME).ok())
    }

    /// Which classes of packets to hear: 1 is news, which is where every client begins; the others are for root.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a mask that makes no sense or is not allowed.
    pub fn set_filter(&mut self, mask: u32) -> Result<(), Error> {
        let request = self.request(SET_FILTER).with(F_MASK, format!("{mask:x}"));
        self.ask_good(SET_FILTER, &request).map(drop)
    }

    /// The signal that the daemon sends after each message; 0 for none.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a signal that cannot be asked for.
    pub fn set_signal(&mut self, signal: u32) -> Result<(), Error> {
        let request = self.request(SET_SIGNAL).with(F_SIGNAL, signal.to_string());
        self.ask_good(SET_SIGNAL, &request).map(drop)
    }

    /// How many messages the daemon keeps for us before it gives us up. There is no answer.
    ///
    /// # Errors
    /// The connection's.
    pub fn set_queue_length(&mut self, length: u32) -> Result<(), Error> {
        let request = self.request(SET_QUEUE_LENGTH).with(F_QUEUE_LENGTH, length.to_string());
        self.stream.send(&request, self.limit())
    }

    /// Sends a message to the clients of our name on all nodes, ourselves included. A casual client that tries is
    /// thrown out.
    ///
    /// # Errors
    /// The connection's. Nobody says whether it arrived.
    pub fn send(&mut self, message: &Message) -> Result<(), Error> {
        self.stream.send(message, self.limit())
    }

    /// The same for the clients on one node.
    ///
    /// # Errors
    /// The connection's. An unknown node is no error: nobody gets the message.
    pub fn send_to(&mut self, node: &str, mut message: Message) -> Result<(), Error> {
        message.set_text(F_TO, node);
        self.send(&message)
    }

    /// Sends a message that its receivers get in order: to one node, or to all.
    ///
    /// # Errors
    /// The connection's.
    pub fn send_ordered(&mut self, node: Option<&str>, mut message: Message) -> Result<(), Error> {
        let number = self.numbers.entry(node.unwrap_or_default().to_owned()).or_default();
        *number += 1;
        message.set_text(F_ORDER, format!("{number:x}"));
        match node {
            Some(node) => self.send_to(node, message),
            None => self.send(&message),
        }
    }

    /// The next message of the cluster, in order if its sender numbers them; `None` if none came in this time.
    /// [`Event::from`](crate::Event) says what it means.
    ///
    /// # Errors
    /// [`Error::Closed`] when the daemon is gone.
    pub fn receive(&mut self, timeout: Option<Duration>) -> Result<Option<Message>, Error> {
        let limit = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            while let Some(message) = self.waiting.pop_front() {
                self.order.push(message);
            }
            if let Some(message) = self.order.pop() {
                return Ok(Some(message));
            }
            let message = match timeout {
                Some(Duration::ZERO) => match self.stream.try_receive()? {
                    Some(message) => message,
                    None => return Ok(None),
                },
                _ => match self.stream.receive(limit) {
                    Err(Error::TimedOut) => return Ok(None),
                    other => other?,
                },
            };
            let response = message.kind() == T_RESPONSE.as_bytes();
            self.keep(message, response);
        }
    }

    /// Says good-bye. There is no answer; dropping the client is enough, too, but other clients are told otherwise.
    pub fn sign_off(mut self) {
        let request = self.request(SIGN_OFF);
        let _ = self.stream.send(&request, self.limit());
    }

    /// The beginning of every request.
    fn request(&self, what: &str) -> Message {
        Message::new()
            .with(F_TYPE, T_REQUEST)
            .with(F_REQUEST, what)
            .with(F_TO, &self.node)
            .with(F_PID, process::id().to_string())
            .with(F_FROM_ID, &self.id)
    }

    fn limit(&self) -> Option<Instant> {
        let own = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        [own, self.deadline].into_iter().flatten().min()
    }

    /// A late answer to an older request is thrown away, everything else waits.
    fn keep(&mut self, message: Message, response: bool) {
        if !response {
            self.waiting.push_back(message);
        }
    }

    fn await_answer(&mut self, what: &str, limit: Option<Instant>) -> Result<Message, Error> {
        loop {
            let message = self.stream.receive(limit)?;
            let response = message.kind() == T_RESPONSE.as_bytes();
            if response && message.str(F_REQUEST) == Some(what) {
                return Ok(message);
            }
            self.keep(message, response);
        }
    }

    fn ask(&mut self, what: &str, request: &Message) -> Result<Message, Error> {
        let limit = self.limit();
        self.stream.send(request, limit)?;
        self.await_answer(what, limit)
    }

    fn ask_good(&mut self, what: &str, request: &Message) -> Result<Message, Error> {
        let answer = self.ask(what, request)?;
        good(what, &answer)?;
        Ok(answer)
    }

    fn ask_list(&mut self, what: &str, request: &Message) -> Result<Vec<Message>, Error> {
        let mut answers = vec![self.ask_good(what, request)?];
        while answers.last().and_then(|answer| answer.str(F_RESULT)) == Some(OK_MORE) {
            let answer = self.await_answer(what, self.limit())?;
            good(what, &answer)?;
            answers.push(answer);
        }
        Ok(answers)
    }

    fn about(&mut self, what: &str, node: &str, wanted: &'static str) -> Result<String, Error> {
        let request = self.request(what).with(F_NODE, node);
        let answer = self.ask_good(what, &request)?;
        field(&answer, wanted)
    }
}

/// Whether an answer is no refusal.
fn good(request: &str, answer: &Message) -> Result<(), Error> {
    match answer.str(F_RESULT) {
        Some(OK | OK_MORE) => Ok(()),
        _ => {
            let info = field(answer, F_COMMENT).unwrap_or_default();
            Err(Error::BadRequest { request: request.to_owned(), info })
        }
    }
}

impl AsFd for Client {
    /// For `poll`: readable when [`Client::receive`] may have something. Messages that came with answers wait inside,
    /// so ask with no time until there is none before polling.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
