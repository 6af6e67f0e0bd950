//! The daemon's side of the local client socket.
//!
//! Input: a byte that says who the client is and how its bytes are cut, then the bytes: a raw stream, or bodies of
//! messages with two line feeds between them.

use cluster_protocol::api::frame::{self, FrameReader};
use cluster_protocol::api::{Action, ApiSettings, ClientId, Credentials, Rule, Server, View};
use cluster_protocol::message::Message;
use cluster_protocol::time::Mono;
use std::time::Duration;

const EVERYTHING: View<'static> = View { now: Mono(0), nodes: Vec::new(), unacknowledged: 0 };

fn server(netstrings: bool) -> Server {
    Server::new(ApiSettings {
        node: "here".into(),
        uid: 0,
        deadtime: Duration::from_secs(2),
        keepalive: Duration::from_millis(200),
        version: "3.0.6 (x)".into(),
        facility: None,
        parameters: vec![("keepalive".into(), "200ms".into())],
        rules: vec![Rule { name: "default".into(), uids: Vec::new(), gids: Vec::new() }],
        netstrings,
    })
}

fn request(kind: &str, id: &str) -> Vec<u8> {
    let message = Message::of_type("hbapi-req")
        .with("reqtype", kind)
        .with("pid", "7")
        .with("from_id", id)
        .with("uid", "0")
        .with("gid", "0");
    frame::encode(&message, false)
}

/// Everything that a client hears, which must be messages; how many.
fn heard(server: &mut Server, id: ClientId) -> usize {
    let mut reader = FrameReader::default();
    let mut count = 0;
    while let Some(bytes) = server.output(id).map(<[u8]>::to_vec) {
        server.wrote(id, bytes.len());
        reader.feed(&bytes);
        while let Some(body) = reader.next() {
            assert!(frame::decode(&body.expect("a header")).is_ok());
            count += 1;
        }
    }
    assert_eq!(reader.held(), 0);
    count
}

/// Runs the target on one input.
///
/// # Panics
/// If what the server writes is no message, if it sends messages without type, or if another client suffers.
pub fn run(data: &[u8]) {
    let Some((how, data)) = data.split_first() else { return };
    let mut server = server(how & 1 == 1);
    let peer = |pid| Credentials { pid, uid: 0, gid: 0, groups: Vec::new() };
    let (id, other) = (server.opened(peer(7)), server.opened(peer(8)));
    let mut out = Vec::new();
    if how & 2 == 2 {
        server.received(id, &request("signon", if how & 4 == 4 { "name" } else { "7" }));
    }
    server.received(
        other,
        &request("signon", "8").iter().map(|byte| if *byte == b'7' { b'8' } else { *byte }).collect::<Vec<_>>(),
    );
    server.turn(&EVERYTHING, &mut out);
    heard(&mut server, id);
    assert_eq!(heard(&mut server, other), 1);
    let stream = if how & 8 == 8 {
        data.to_vec()
    } else {
        let text = String::from_utf8_lossy(data);
        text.split("\n\n").flat_map(|body| frame::wrap(format!(">>>\n{body}\n<<<\n").as_bytes())).collect()
    };
    for piece in stream.chunks(usize::from(how >> 4) * 64 + 7) {
        server.received(id, piece);
        for _ in 0..1000 {
            server.turn(&EVERYTHING, &mut out);
            heard(&mut server, id);
            if !server.has_work() {
                break;
            }
        }
        assert!(!server.has_work());
    }
    for action in std::mem::take(&mut out) {
        match action {
            Action::Send(message) => {
                assert!(!message.kind().is_empty());
                server.delivered(&message, true, &EVERYTHING, &mut out);
            }
            Action::Close(closed) => assert_eq!(closed, id),
            Action::Signal { pid, .. } => assert!(matches!(pid, 7 | 8)),
            Action::Log(_) => {}
        }
    }
    heard(&mut server, other);
    server.received(other, &request("numnodes", "8"));
    server.turn(&EVERYTHING, &mut out);
    assert!(heard(&mut server, other) >= 1);
}

/// One input for each request, and some messages that are none.
#[must_use]
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let requests = [
        "nodelist",
        "nodestatus",
        "nodetype",
        "nodeweight",
        "nodesite",
        "numnodes",
        "iflist",
        "ifstatus",
        "clientstatus",
        "getparm",
        "getrsc",
        "getuuid",
        "getnodename",
        "setfilter",
        "setsignal",
        "set_sendqlen",
        "signoff",
        "signon",
    ];
    let fields = "node=here\nifname=eth0\ncn=7\npname=keepalive\nqueryname=here\n(1)queryuuid=AQEBAQEBAQEBAQEBAQEBAQ==\n\
                  fmask=13\nsignal=10\nsendqlen=1024";
    let mut all = Vec::new();
    for (index, request) in requests.into_iter().enumerate() {
        let body = format!("t=hbapi-req\nreqtype={request}\nfrom_id=7\npid=7\n{fields}");
        let how = if index % 2 == 0 { 0x02 } else { 0xf6 };
        all.push(("client_api", request.to_owned(), [&[how], body.as_bytes()].concat()));
    }
    let messages = "t=x\nx=1\nx=2\ndest=here\n\nt=status\nst=dead\n\nt=query-cstatus\ncn=8\n\nt=ask_resources\ninfo=me";
    all.push(("client_api", "messages".to_owned(), [&[0x16], messages.as_bytes()].concat()));
    let stream = [request("signon", "7"), request("nodelist", "7"), request("signoff", "7")].concat();
    all.push(("client_api", "stream".to_owned(), [&[0x18][..], &stream].concat()));
    all
}
