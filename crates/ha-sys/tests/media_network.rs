//! Media between two network namespaces: every kind in both directions, and interfaces that go away and come back.
//!
//! The namespaces belong to no process and have no name: they vanish with the descriptors that hold them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use ha_sys::media::{BUFFER, Endpoint, MediaError, MediumSpec};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::{ReuseAddr, ReusePort};
use std::fs::File;
use std::net::{IpAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A network namespace of its own.
struct Namespace(File);

impl Namespace {
    fn new() -> Self {
        let made = std::thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root");
            File::open("/proc/thread-self/ns/net").unwrap()
        });
        let namespace = Self(made.join().unwrap());
        namespace.ip("link set lo up");
        namespace
    }

    /// Runs `action` in a thread inside the namespace; sockets opened there stay there.
    fn enter<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
                action()
            });
            thread.join().unwrap()
        })
    }

    fn ip(&self, arguments: &str) {
        let output = self.enter(|| Command::new("ip").args(arguments.split(' ')).output().unwrap());
        assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn open(&self, spec: &MediumSpec) -> Result<Endpoint, MediaError> {
        self.enter(|| Endpoint::open(spec))
    }

    /// Gives `eth0` the addresses of node `number` and switches it on.
    fn address(&self, number: u8) {
        self.ip(&format!("addr add 10.9.0.{number}/24 brd + dev eth0"));
        self.ip(&format!("-6 addr add fd00::{number}/64 dev eth0 nodad"));
        self.ip("link set eth0 up");
    }
}

/// Joins both namespaces by a pair of interfaces, both called `eth0`.
fn join(a: &Namespace, b: &Namespace) {
    let other = format!("/proc/{}/fd/{}", std::process::id(), b.0.as_raw_fd());
    a.ip("link add eth0 type veth peer name peer");
    a.ip(&format!("link set peer netns {other}"));
    b.ip("link set peer name eth0");
    a.address(1);
    b.address(2);
}

fn pair() -> (Namespace, Namespace) {
    let (a, b) = (Namespace::new(), Namespace::new());
    join(&a, &b);
    (a, b)
}

/// Everything that comes in until `enough` says so or patience ends.
fn receive_until(endpoint: &mut Endpoint, enough: impl Fn(&[Vec<u8>]) -> bool) -> Vec<Vec<u8>> {
    let (start, mut buffer, mut all) = (Instant::now(), vec![0; BUFFER], Vec::new());
    while !enough(&all) && start.elapsed() < PATIENCE {
        let interests = endpoint.descriptors();
        let mut fds: Vec<_> = interests.iter().map(|i| PollFd::new(i.descriptor, PollFlags::POLLIN)).collect();
        poll(&mut fds, PollTimeout::from(100_u16)).unwrap();
        endpoint.receive(&mut buffer, &mut |bytes, _| all.push(bytes.to_vec())).unwrap();
    }
    all
}

/// Sends again and again until it works: addresses and routes of IPv6 need a moment.
fn send(endpoint: &mut Endpoint, bytes: &[u8]) {
    let start = Instant::now();
    while let Err(error) = endpoint.send(bytes) {
        assert!(start.elapsed() < PATIENCE, "{error}");
        std::thread::yield_now();
    }
}

/// Whether the message is there now, perhaps after others.
fn arrived(endpoint: &mut Endpoint, message: &[u8]) -> bool {
    let mut fds: Vec<_> = endpoint.descriptors().iter().map(|i| PollFd::new(i.descriptor, PollFlags::POLLIN)).collect();
    poll(&mut fds, PollTimeout::from(200_u16)).unwrap();
    let mut found = false;
    endpoint.receive(&mut vec![0; BUFFER], &mut |bytes, _| found |= bytes == message).unwrap();
    found
}

/// Sends until it has arrived: an interface that was just made may swallow what is sent first, as any network may.
fn deliver(from: &mut Endpoint, to: &mut Endpoint, message: &[u8]) {
    let start = Instant::now();
    loop {
        send(from, message);
        if arrived(to, message) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{:?}: nothing came from {:?}", to.spec(), from.spec());
    }
}

/// The same for an endpoint that hears itself.
fn deliver_to_self(endpoint: &mut Endpoint, message: &[u8]) {
    let start = Instant::now();
    loop {
        send(endpoint, message);
        if arrived(endpoint, message) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{:?}: nothing came", endpoint.spec());
    }
}

fn bcast() -> MediumSpec {
    MediumSpec::Broadcast { interface: "eth0".into(), port: 694 }
}

fn mcast(interface: &str, loopback: bool) -> MediumSpec {
    let group = "225.0.0.1".parse().unwrap();
    MediumSpec::Multicast { interface: interface.into(), group, port: 694, ttl: 1, loopback }
}

fn mcast6(loopback: bool) -> MediumSpec {
    let group = "ff02::1:2".parse().unwrap();
    MediumSpec::Multicast6 { interface: "eth0".into(), group, port: 694, hops: 1, loopback }
}

fn ucast(peer: &str) -> MediumSpec {
    MediumSpec::Unicast { interface: "eth0".into(), peer: peer.parse().unwrap(), scope: 0, port: 694 }
}

fn ping(members: &[&str], identifier: u16) -> MediumSpec {
    let group = members.len() > 1;
    let members = members.iter().map(|member| member.parse().unwrap()).collect();
    MediumSpec::Ping { name: "host".into(), members, group, identifier }
}

/// One small and one large message in each direction.
fn exchange(a: &MediumSpec, b: &MediumSpec) {
    let (here, there) = pair();
    let (mut left, mut right) = (here.open(a).unwrap(), there.open(b).unwrap());
    for message in [b"###\nsmall".to_vec(), vec![b'x'; 41_563]] {
        deliver(&mut left, &mut right, &message);
        deliver(&mut right, &mut left, &message);
    }
}

#[test]
fn broadcasts_reach_the_other_node_in_both_directions() {
    exchange(&bcast(), &bcast());
}

#[test]
fn multicasts_reach_the_other_node_in_both_directions() {
    exchange(&mcast("eth0", false), &mcast("eth0", false));
}

#[test]
fn multicasts_over_ipv6_reach_the_other_node_in_both_directions() {
    exchange(&mcast6(false), &mcast6(false));
}

#[test]
fn unicasts_reach_the_other_node_in_both_directions() {
    exchange(&ucast("10.9.0.2"), &ucast("10.9.0.1"));
}

#[test]
fn unicasts_over_ipv6_reach_the_other_node_in_both_directions() {
    exchange(&ucast("fd00::2"), &ucast("fd00::1"));
}

#[test]
fn one_hears_oneself_on_broadcast_and_on_multicast_with_loop() {
    let (here, _there) = pair();
    for spec in [bcast(), mcast("eth0", true), mcast6(true)] {
        let mut endpoint = here.open(&spec).unwrap();
        deliver_to_self(&mut endpoint, b"me");
    }
}

#[test]
fn all_media_of_one_node_can_be_open_at_once_and_unicast_twice() {
    let (here, _there) = pair();
    let (mcast, mcast6) = (mcast("eth0", false), mcast6(false));
    let specs = [bcast(), mcast, mcast6, ucast("10.9.0.2"), ucast("10.9.0.1"), ucast("fd00::2")];
    let endpoints: Vec<_> = specs.iter().map(|spec| here.open(spec).unwrap()).collect();
    for unicast in endpoints.iter().skip(3) {
        let receiver = unicast.descriptors()[0].descriptor;
        assert!(getsockopt(&receiver, ReusePort).unwrap() && getsockopt(&receiver, ReuseAddr).unwrap());
    }
}

#[test]
fn a_multicast_of_another_interface_is_not_heard() {
    let (here, there) = pair();
    let mut deaf = here.open(&mcast("lo", false)).unwrap();
    let spec = mcast("eth0", false);
    let (mut hears, mut other) = (here.open(&spec).unwrap(), there.open(&spec).unwrap());
    deliver(&mut other, &mut hears, b"over eth0");
    let count = deaf.receive(&mut vec![0; BUFFER], &mut |_, _| {}).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_medium_over_ipv6_takes_nothing_of_ipv4() {
    let (here, there) = pair();
    let mut six = here.open(&ucast("fd00::2")).unwrap();
    let (mut four, mut other) = (here.open(&bcast()).unwrap(), there.open(&bcast()).unwrap());
    deliver(&mut other, &mut four, b"over IPv4");
    assert_eq!(six.receive(&mut vec![0; BUFFER], &mut |_, _| {}).unwrap(), 0);
}

#[test]
fn a_missing_interface_is_told_gone_by_every_medium() {
    let here = Namespace::new();
    for spec in [bcast(), mcast("eth0", false), mcast6(false), ucast("10.9.0.2"), ucast("fd00::2")] {
        assert!(matches!(here.open(&spec), Err(MediaError::Gone { errno: libc::ENODEV, .. })), "{spec:?}");
    }
}

#[test]
fn ping_replies_bring_the_payload_back_to_the_asker_only() {
    let (here, _there) = pair();
    for member in ["10.9.0.2", "fd00::2"] {
        let spec = ping(&[member], 4711);
        let mut endpoint = here.open(&spec).unwrap();
        let mut stranger = here.open(&ping(&[member], 4712)).unwrap();
        deliver_to_self(&mut endpoint, b"###\nt=NS_st");
        assert_eq!(stranger.receive(&mut vec![0; BUFFER], &mut |_, _| {}).unwrap(), 0);
    }
}

#[test]
fn a_ping_group_asks_all_members_and_hears_those_that_answer() {
    let (here, _there) = pair();
    let mut group = here.open(&ping(&["10.9.0.99", "10.9.0.2", "fd00::2"], 4711)).unwrap();
    let (start, mut from) = (Instant::now(), Vec::new());
    while from.len() < 2 && start.elapsed() < PATIENCE {
        group.send(b"status").unwrap();
        let mut each = |bytes: &[u8], sender: Option<IpAddr>| {
            assert_eq!(bytes, b"status");
            from.extend(sender);
        };
        group.receive(&mut vec![0; BUFFER], &mut each).unwrap();
        from.sort();
        from.dedup();
        std::thread::yield_now();
    }
    assert_eq!(from, ["10.9.0.2", "fd00::2"].map(|member| member.parse::<IpAddr>().unwrap()));
}

#[test]
fn a_busy_port_is_told_and_heals_by_opening_again() {
    let (here, _there) = pair();
    let taken = here.enter(|| UdpSocket::bind("0.0.0.0:694").unwrap());
    let busy = MediaError::Busy { errno: libc::EADDRINUSE };
    assert_eq!(here.open(&bcast()).unwrap_err(), busy);
    assert_eq!(here.open(&ucast("10.9.0.2")).unwrap_err(), busy);
    let mut endpoint = Endpoint::closed(&bcast());
    assert_eq!(here.enter(|| endpoint.reopen()), Err(busy));
    assert!(endpoint.descriptors().is_empty());
    drop(taken);
    // A child of another test may hold a copy of the descriptor until it executes its program.
    let start = Instant::now();
    while here.enter(|| endpoint.reopen()) == Err(MediaError::Busy { errno: libc::EADDRINUSE }) {
        assert!(start.elapsed() < PATIENCE);
    }
    assert_eq!(endpoint.descriptors().len(), 1);
}

#[test]
fn an_interface_that_goes_down_and_up_again_needs_no_new_sockets() {
    let (here, there) = pair();
    let (mut a, mut b) = (here.open(&bcast()).unwrap(), there.open(&bcast()).unwrap());
    here.ip("link set eth0 down");
    assert!(matches!(a.send(b"down"), Err(MediaError::Gone { .. })));
    here.ip("link set eth0 up");
    deliver(&mut a, &mut b, b"up");
    deliver(&mut b, &mut a, b"back");
}

#[test]
fn an_interface_that_is_deleted_and_made_again_is_used_again_after_reopening() {
    let pairs = [
        (bcast(), bcast()),
        (mcast("eth0", false), mcast("eth0", false)),
        (mcast6(false), mcast6(false)),
        (ucast("10.9.0.2"), ucast("10.9.0.1")),
        (ucast("fd00::2"), ucast("fd00::1")),
    ];
    for (spec, back) in pairs {
        let (here, there) = pair();
        let mut a = here.open(&spec).unwrap();
        here.enter(|| a.tick(Duration::ZERO)).unwrap();
        here.ip("link del eth0");
        let gone = |result| matches!(result, Err(MediaError::Gone { .. }));
        assert!(gone(a.send(b"gone")), "{spec:?}");
        assert!(gone(here.enter(|| a.tick(Duration::from_secs(10)))), "{spec:?}");
        assert!(gone(here.enter(|| a.reopen())), "{spec:?}");
        join(&here, &there);
        let mut b = there.open(&back).unwrap();
        here.enter(|| a.reopen()).unwrap();
        deliver(&mut a, &mut b, b"again");
        deliver(&mut b, &mut a, b"both ways");
    }
}

#[test]
fn a_socket_of_a_replaced_interface_is_told_gone_although_the_name_is_there() {
    let (here, there) = pair();
    let mut endpoint = here.open(&ucast("10.9.0.2")).unwrap();
    here.enter(|| endpoint.tick(Duration::ZERO)).unwrap();
    here.ip("link del eth0");
    // Another interface in between, so that the new one cannot get the old number.
    here.ip("link add filler type veth peer name filler1");
    join(&here, &there);
    assert_eq!(here.enter(|| endpoint.tick(Duration::from_secs(5))), Ok(()));
    assert!(matches!(here.enter(|| endpoint.tick(Duration::from_secs(10))), Err(MediaError::Gone { .. })));
}

#[test]
fn a_changed_broadcast_address_is_used_without_reopening() {
    let (here, _there) = pair();
    let mut endpoint = here.open(&bcast()).unwrap();
    assert_eq!(endpoint.destination().unwrap().to_string(), "10.9.0.255:694");
    here.ip("addr flush dev eth0");
    here.ip("addr add 10.77.0.1/16 brd + dev eth0");
    here.enter(|| endpoint.tick(Duration::from_secs(1))).unwrap();
    assert_eq!(endpoint.destination().unwrap().to_string(), "10.77.255.255:694");
    deliver_to_self(&mut endpoint, b"new net");
}

#[test]
fn a_flooded_medium_gives_the_others_their_turn() {
    let (here, there) = pair();
    let (mut a, mut b) = (here.open(&bcast()).unwrap(), there.open(&bcast()).unwrap());
    deliver(&mut a, &mut b, b"first");
    for number in 0..200_u8 {
        send(&mut a, &[number]);
    }
    assert_eq!(receive_until(&mut b, |all| !all.is_empty()).len(), 64);
    let rest = receive_until(&mut b, |all| all.last() == Some(&vec![199]));
    assert!((136..150).contains(&rest.len()), "{}", rest.len());
}

#[test]
fn a_message_beyond_the_size_of_a_datagram_is_refused_and_harms_nothing() {
    let (here, _there) = pair();
    let mut endpoint = here.open(&bcast()).unwrap();
    assert_eq!(endpoint.send(&vec![0; 70_000]), Err(MediaError::TooLong { length: 70_000 }));
    deliver_to_self(&mut endpoint, b"fine");
}
