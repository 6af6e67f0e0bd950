//! Clients of one name on two nodes talk to each other, over our daemons; and clients that do harm.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use heartbeat_client::{Client, Event, Message, Options};
use testkit::cluster::{Cluster, Mark, Network, Node, NodeConfig, Result, ensure, wait_until};

use crate::{CEILING, ours, until};

/// Two nodes of ours whose sockets this process can reach. An original refuses it (`bad pid`): it is in no process
/// namespace that the daemon knows.
fn pair(name: &str) -> Result<Cluster> {
    let config = |name: &str| NodeConfig::new(name, ours()).line("apiauth me uid=root");
    let cluster = Cluster::new(name, &[Network::Bridge], vec![config("node1"), config("node2")])?;
    for node in cluster.nodes() {
        let script = "mkdir /var/lib/heartbeat/run && mount --bind /var/lib/heartbeat/run /run/heartbeat && \
                      mkdir -p /run/heartbeat/ccm /run/heartbeat/crm /run/heartbeat/dopd /run/heartbeat/rsctmp && \
                      chown -R hacluster:haclient /run/heartbeat";
        node.done("sh", &["-c", script])?;
        node.start()?;
    }
    for node in cluster.nodes() {
        for peer in ["node1", "node2"] {
            until(node, &["nodestatus", peer], "active")?;
        }
    }
    Ok(cluster)
}

fn socket(node: &Node) -> PathBuf {
    node.directory().join("lib/run/register")
}

fn sign_on(node: &Node, name: Option<&str>) -> Result<Client> {
    let options = Options { name: name.map(str::to_owned), socket: socket(node), ..Options::default() };
    Ok(Client::sign_on(&options)?)
}

/// The next event that is about clients or between them.
fn next(client: &mut Client) -> Result<Event> {
    loop {
        let message = client.receive(Some(CEILING))?;
        let Some(message) = message else { testkit::cluster::bail!("nothing came") };
        match Event::from(message) {
            Event::Node { .. } | Event::Link { .. } => {}
            Event::Message(message) if message.str("to_id") != Some("me") => {}
            event => return Ok(event),
        }
    }
}

fn is_about(event: &Event, wanted_node: &str, wanted: &str) -> bool {
    matches!(event, Event::Client { node, client, status } if node == wanted_node && client == "me" && status == wanted)
}

fn namesakes(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    let mut here = sign_on(one, Some("me"))?;
    let event = next(&mut here)?;
    ensure!(is_about(&event, "node1", "join"), "{event:?}");
    let mut there = sign_on(two, Some("me"))?;
    for client in [&mut here, &mut there] {
        let event = next(client)?;
        ensure!(is_about(&event, "node2", "join"), "{event:?}");
    }
    ensure!(here.client_status("node2", "me", CEILING)?, "the other daemon knows its client");
    ensure!(!here.client_status("node2", "somebody", CEILING)?, "and whom it does not have");
    // A broadcast comes back to its sender; doubled fields and their order survive.
    let hello = Message::of_type("hello").with("n", "1").with("m", "x").with("n", "2");
    here.send(&hello)?;
    for client in [&mut here, &mut there] {
        let event = next(client)?;
        let Event::Message(message) = &event else { testkit::cluster::bail!("{event:?}") };
        let dump = message.dump().join(" ");
        ensure!(dump.starts_with("t=hello n=1 m=x n=2 from_id=me to_id=me client_gen="), "{dump}");
        ensure!(message.str("src") == Some("node1"), "{dump}");
    }
    for number in 0..200 {
        there.send_ordered(Some("node1"), Message::of_type("count").with("number", number.to_string()))?;
    }
    for number in 0..200 {
        let event = next(&mut here)?;
        let Event::Message(message) = &event else { testkit::cluster::bail!("{event:?}") };
        ensure!(message.number("number", 10) == Some(number), "{number}: {event:?}");
    }
    // Nobody is hurt by a message that only daemons may send, or addressed to nobody.
    there.send_to("nobody", Message::of_type("lost"))?;
    drop(there);
    let event = next(&mut here)?;
    ensure!(is_about(&event, "node2", "leave"), "{event:?}");
    Ok(())
}

#[test]
fn clients_of_one_name_talk_over_our_daemons() {
    pair("namesakes, ours").unwrap().tell(namesakes).unwrap();
}

fn forged(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    let mut client = sign_on(one, Some("me"))?;
    let mark = one.mark();
    client.send(&Message::of_type("status").with("st", "dead"))?;
    client.send(&Message::of_type("shutdone").with("st", "dead"))?;
    one.wait_for_log(mark, "tried to send a message of type shutdone: dropped", CEILING)?;
    ensure!(
        client.node_status("node2")? == "active" && sign_on(two, None)?.node_status("node1")? == "active",
        "forged"
    );
    two.never_logged(Mark::default(), "is dead")
}

#[test]
fn a_client_cannot_make_up_the_death_of_its_node() {
    pair("forged").unwrap().tell(forged).unwrap();
}

/// The memory of the daemon in kB.
fn memory(node: &Node) -> Result<u64> {
    let text = node.done("sh", &["-c", "grep VmRSS: /proc/$(tr -d ' ' </run/heartbeat.pid)/status"])?;
    Ok(text.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(u64::MAX))
}

fn hostile(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    let path = socket(one);
    let mark = one.mark();
    let before = memory(one)?;
    // A length that no message has: closed, one line.
    let mut absurd = UnixStream::connect(&path)?;
    absurd.write_all(&[307_200_u32.to_ne_bytes(), 0xabcd_u32.to_ne_bytes()].concat())?;
    ensure!(absurd.read(&mut [0])? == 0, "closed");
    one.wait_for_log(mark, "a message of 307200 bytes is too long", CEILING)?;
    // Clients that come and go, some in the middle of something.
    for number in 0..1000 {
        let mut stream = UnixStream::connect(&path)?;
        let _ = stream.write_all(b">>>\nt=hbapi-req\n".get(..number % 16).unwrap_or_default());
    }
    // As many that stay and say nothing as there is room for.
    let silent: Vec<UnixStream> = (0..700).filter_map(|_| UnixStream::connect(&path).ok()).collect();
    // Clients that never read: one that asks without end, one that listens to everything.
    let mut deaf = sign_on(one, None)?;
    deaf.set_filter(0x3f)?;
    let mut asking = UnixStream::connect(&path)?;
    asking.set_nonblocking(true)?;
    let request = cluster_protocol::api::frame::encode(
        &Message::of_type("hbapi-req")
            .with("reqtype", "signon")
            .with("pid", "1")
            .with("from_id", "1")
            .with("uid", "0")
            .with("gid", "0"),
        false,
    );
    let list = cluster_protocol::api::frame::encode(
        &Message::of_type("hbapi-req").with("reqtype", "nodelist").with("pid", "1").with("from_id", "1"),
        false,
    );
    let _ = asking.write_all(&request);
    for _ in 0..100_000 {
        if asking.write_all(&list).is_err() {
            break;
        }
    }
    // A busy one that reads.
    let mut busy = sign_on(one, Some("me"))?;
    for _ in 0..20_000 {
        busy.node_status("node2")?;
    }
    ensure!(busy.nodes()?.len() == 2, "answers");
    ensure!(silent.len() > 500, "{}", silent.len());
    let after = memory(one)?;
    ensure!(after < before + 32_768, "{before} kB before, {after} kB after");
    for node in [one, two] {
        for text in ["Late heartbeat", "is dead", "lost packet"] {
            node.never_logged(mark, text)?;
        }
    }
    let lines = one.log_since(mark).len();
    ensure!(lines < 200, "{lines} lines");
    Ok(())
}

#[test]
fn hostile_clients_delay_no_heartbeat_and_take_little_memory() {
    pair("hostile").unwrap().tell(hostile).unwrap();
}

/// The end of the daemon is the end of its clients; the next one lets them in again.
fn restart(cluster: &Cluster) -> Result<()> {
    let one = cluster.node(0)?;
    let mut client = sign_on(one, Some("me"))?;
    one.stop()?;
    let end = loop {
        match client.receive(Some(CEILING)) {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    ensure!(matches!(end, Err(heartbeat_client::Error::Closed)), "{end:?}");
    ensure!(sign_on(one, None).is_err(), "nobody is there");
    one.start()?;
    wait_until("a sign-on", CEILING, || Ok(sign_on(one, Some("me")).ok().map(drop)))?;
    Ok(())
}

#[test]
fn clients_see_the_end_of_the_daemon_and_find_the_next_one() {
    pair("restart").unwrap().tell(restart).unwrap();
}
