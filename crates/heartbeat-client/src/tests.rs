//! A client against daemons made of a thread: one of 3.0, one before it, and ones that misbehave.

use crate::{Client, Error, Event, Link, Message, Node, Options};
use cluster_protocol::api::frame::{self, FrameReader};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// One daemon for one client: answers each request with what `answers` gives, then ends with the client.
struct Daemon {
    directory: tempfile::TempDir,
    thread: JoinHandle<Vec<Message>>,
}

fn respond(fields: &str) -> Message {
    fields.split_whitespace().filter_map(|pair| pair.split_once('=')).fold(
        Message::of_type("hbapi-resp"),
        |message, (name, value)| {
            if name == "t" {
                let mut message = message;
                message.set_text("t", value);
                return message;
            }
            message.with(name, value)
        },
    )
}

const WELCOME: &str = "reqtype=signon result=OK deadtime=7d0 keepalive=c8 node=here hbversion=3.0.6 logfacility=-1";

impl Daemon {
    fn start(answers: impl Fn(&Message) -> Vec<Message> + Send + 'static) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("s")).unwrap();
        let thread = thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            serve(&mut socket, &answers)
        });
        Self { directory, thread }
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("s")
    }

    fn client(&self) -> Result<Client, Error> {
        Client::sign_on(&Options { socket: self.socket(), ..Options::named("me") })
    }

    /// All requests that came, when the client has gone.
    fn requests(self) -> Vec<Message> {
        self.thread.join().unwrap()
    }
}

fn serve(socket: &mut UnixStream, answers: &dyn Fn(&Message) -> Vec<Message>) -> Vec<Message> {
    let mut reader = FrameReader::default();
    let mut requests = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            return requests;
        }
        reader.feed(&buffer[..count]);
        while let Some(body) = reader.next() {
            let request = frame::decode(&body.unwrap()).unwrap();
            let answers = answers(&request);
            requests.push(request);
            if answers.is_empty() && requests.len() == 1 {
                return requests;
            }
            for answer in answers {
                // In two pieces, as a stream may come.
                let bytes = frame::encode(&answer, false);
                let (one, two) = bytes.split_at(9);
                let _ = socket.write_all(one).and_then(|()| socket.write_all(two));
            }
        }
    }
}

fn modern(request: &Message) -> Vec<Message> {
    let answers: &[&str] = match request.str("reqtype") {
        Some("signon") => &["t=hbapi-clstat st=join from_id=me to_id=me src=here", WELCOME],
        Some("nodelist") => &[
            "reqtype=nodelist node=here nodetype=normal st=active result=ok/more",
            "t=ifstat node=there ifname=eth0 st=dead",
            "reqtype=nodelist node=router nodetype=ping st=ping result=OK",
        ],
        Some("iflist") => &["reqtype=iflist ifname=eth0 st=up result=OK"],
        Some("getparm") if request.str("pname") == Some("keepalive") => &["reqtype=getparm pvalue=200ms result=OK"],
        Some("getparm") => &["reqtype=getparm result=OK"],
        Some("nodeweight") => &["reqtype=nodeweight result=badreq info=EINVAL"],
        Some("clientstatus") => &[
            "t=respond-cstatus src=there cn=other cs=offline result=OK",
            "t=respond-cstatus src=there cn=x cs=online result=OK",
        ],
        _ => &[],
    };
    answers.iter().map(|answer| respond(answer)).collect()
}

#[test]
fn a_sign_on_tells_who_and_learns_where() {
    let daemon = Daemon::start(modern);
    let client = daemon.client().unwrap();
    assert_eq!((client.local_node(), client.id()), ("here", "me"));
    assert_eq!((client.deadtime(), client.keepalive()), (Duration::from_secs(2), Duration::from_millis(200)));
    assert_eq!((client.version(), client.facility()), (Some("3.0.6"), None));
    client.sign_off();
    let requests = daemon.requests();
    let names: Vec<&[u8]> = requests[0].fields.iter().map(|field| field.name.as_slice()).collect();
    let wanted: [&[u8]; 7] = [b"t", b"reqtype", b"dest", b"pid", b"from_id", b"uid", b"gid"];
    assert_eq!(names, wanted, "as libhbclient writes it");
    assert_eq!(requests[1].str("reqtype"), Some("signoff"));
}

#[test]
fn lists_and_values_are_read_and_news_between_them_wait() {
    let daemon = Daemon::start(modern);
    let mut client = daemon.client().unwrap();
    let node =
        |name: &str, kind: &str, status: &str| Node { name: name.into(), kind: kind.into(), status: status.into() };
    assert_eq!(client.nodes().unwrap(), [node("here", "normal", "active"), node("router", "ping", "ping")]);
    assert_eq!(client.links("here").unwrap(), [Link { name: "eth0".into(), status: "up".into() }]);
    assert_eq!(client.parameter("keepalive").unwrap().as_deref(), Some("200ms"));
    assert_eq!(client.parameter("other").unwrap(), None);
    let refused = client.node_weight("nosuch").unwrap_err();
    assert!(matches!(&refused, Error::BadRequest { request, info } if request == "nodeweight" && info == "EINVAL"));
    assert!(client.client_status("there", "x", Duration::from_secs(5)).unwrap());
    let mut news = Vec::new();
    while let Some(message) = client.receive(Some(Duration::ZERO)).unwrap() {
        news.push(Event::from(message));
    }
    let link = Event::Link { node: "there".into(), link: "eth0".into(), status: "dead".into() };
    let join = Event::Client { node: "here".into(), client: "me".into(), status: "join".into() };
    let other = Event::Client { node: "there".into(), client: "other".into(), status: "offline".into() };
    assert_eq!(news, [join, link, other]);
}

#[test]
fn what_daemons_before_3_0_leave_out_is_asked_for() {
    let daemon = Daemon::start(|request| {
        let answer = match request.str("reqtype") {
            Some("signon") => "reqtype=signon result=OK deadtime=7d0 keepalive=c8 node=here",
            Some("nodelist") => "reqtype=nodelist node=there result=OK",
            Some("nodetype") => "reqtype=nodetype nodetype=normal result=OK",
            Some("nodestatus") => "reqtype=nodestatus st=dead result=OK",
            Some("iflist") => "reqtype=iflist ifname=eth0 result=OK",
            _ => "reqtype=ifstatus st=dead result=OK",
        };
        vec![respond(answer)]
    });
    let mut client = daemon.client().unwrap();
    assert_eq!(client.version(), None);
    assert_eq!(client.nodes().unwrap(), [Node { name: "there".into(), kind: "normal".into(), status: "dead".into() }]);
    assert_eq!(client.links("there").unwrap(), [Link { name: "eth0".into(), status: "dead".into() }]);
}

#[test]
fn refusals_and_silence_are_told_apart() {
    let nowhere = Options { socket: "/nonexistent/socket".into(), ..Options::default() };
    assert!(matches!(Client::sign_on(&nowhere), Err(Error::Connect(_))));
    let daemon = Daemon::start(|_| {
        let refusal =
            respond("reqtype=signon result=badreq deadtime=7d0 keepalive=c8 node=here").with("info", "no way");
        vec![refusal]
    });
    assert!(matches!(daemon.client(), Err(Error::Refused(info)) if info == "no way"));
    let daemon = Daemon::start(|_| Vec::new());
    assert!(matches!(daemon.client(), Err(Error::Closed)));
    let daemon = Daemon::start(|_| vec![respond("reqtype=signon result=OK")]);
    assert!(matches!(daemon.client(), Err(Error::Answer("deadtime"))));
    let daemon = Daemon::start(|_| vec![respond("reqtype=other")]);
    let short = Options {
        socket: daemon.socket(),
        timeout: None,
        deadline: Some(Instant::now() + Duration::from_millis(50)),
        ..Options::default()
    };
    assert!(matches!(Client::sign_on(&short), Err(Error::TimedOut)));
}

#[test]
fn messages_are_numbered_for_each_addressee() {
    let daemon = Daemon::start(modern);
    let mut client = daemon.client().unwrap();
    for node in [None, Some("there"), None] {
        client.send_ordered(node, Message::of_type("x")).unwrap();
    }
    client.send_to("there", Message::of_type("y")).unwrap();
    drop(client);
    let sent: Vec<String> = daemon.requests()[1..].iter().map(|message| message.dump().join(" ")).collect();
    assert_eq!(sent, ["t=x oseq=1", "t=x oseq=1 dest=there", "t=x oseq=2", "t=y dest=there"]);
}

#[test]
fn the_end_of_the_daemon_is_seen() {
    let daemon = Daemon::start(|request| {
        assert!(request.str("reqtype") == Some("signon"), "the end");
        vec![respond(WELCOME)]
    });
    let mut client = daemon.client().unwrap();
    assert!(client.receive(Some(Duration::from_millis(1))).unwrap().is_none());
    assert!(client.receive(Some(Duration::ZERO)).unwrap().is_none());
    client.send(&Message::of_type("x")).unwrap();
    assert!(matches!(client.receive(None), Err(Error::Closed)));
    assert!(matches!(client.receive(Some(Duration::ZERO)), Err(Error::Closed)));
    assert!(daemon.thread.join().is_err());
}
