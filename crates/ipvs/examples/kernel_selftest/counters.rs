//! Counters of real traffic through loopback.

use crate::values::*;
use crate::{Outcome, check};
use ipvs::model::*;
use ipvs::{Client, Op};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// The kernel adds counters up about every two seconds.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) fn traffic(client: &mut Client) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let virtual_addr = Ipv4Addr::new(127, 0, 0, 2);
    let key = tcp(virtual_addr, 8000);
    let server = Dest { method: ForwardMethod::Masquerade, ..dest(Ipv4Addr::LOCALHOST, port) };
    client.execute(&Op::NewService(service(key, "rr")))?;
    client.execute(&Op::NewDest(key, server))?;

    // Three connections, one of which stays open.
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut near = TcpStream::connect((virtual_addr, 8000))?;
        let (mut far, _) = listener.accept()?;
        near.write_all(&[7; 1000])?;
        far.read_exact(&mut [0; 1000])?;
        open.push((near, far));
    }
    open.truncate(1);

    let deadline = Instant::now() + DEADLINE;
    loop {
        let entry = client.service(&key)?;
        let dests = client.dests(&entry)?;
        let [dest] = dests.as_slice() else {
            return Err(format!("destinations: {dests:?}").into());
        };
        let counted = |stats: &Stats| {
            stats.connections == 3 && stats.in_packets >= 9 && stats.in_bytes >= 3000 && stats.out_packets >= 6
        };
        if counted(&entry.stats) && counted(&dest.stats) && entry.stats.in_packet_rate > 0 {
            check(dest.active_connections + dest.inactive_connections == 3, || format!("connections: {dest:?}"))?;
            break;
        }
        check(Instant::now() < deadline, || format!("counters: {entry:?} {dest:?}"))?;
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(open);
    client.execute(&Op::Zero(Some(key)))?;
    let entry = client.service(&key)?;
    check(entry.stats.connections == 0, || format!("after zeroing: {entry:?}"))
}
