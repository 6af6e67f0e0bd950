//! Reading large tables and tables that change meanwhile.

use crate::values::{self, *};
use crate::{Outcome, carry_out, check, same};
use ipvs::model::*;
use ipvs::{Client, Error, Op};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};

fn sorted(mut table: Table) -> Table {
    table.services.sort_by_key(|entry| entry.service.key);
    table
}

/// Counts around the limits of datagrams: a service fills 360 bytes, a destination 400, a datagram 3.7 or 32 KiB.
pub(crate) fn large(client: &mut Client) -> Outcome {
    for (services, dests) in [(0, 0), (1, 0), (1, 1), (9, 9), (10, 80), (11, 81), (91, 82), (300, 3), (2, 1000)] {
        client.execute(&Op::Flush)?;
        carry_out(client, &values::large(services, dests))?;
        let found = sorted(table(client)?);
        let expected = (0..services)
            .map(|n| TableService { service: service(nth_key(n), "wlc"), dests: (0..dests).map(nth_dest).collect() });
        let expected = sorted(Table { services: expected.collect() });
        check(found == expected, || format!("{services} services with {dests} destinations differ"))?;
    }
    Ok(())
}

pub(crate) fn while_changing(client: &mut Client) -> Outcome {
    carry_out(client, &values::large(100, 20))?;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| -> Result<u32, Error> {
            let mut client = Client::open()?;
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) {
                for n in 50..100 {
                    client.batch(&[
                        Op::DelService(nth_key(n)),
                        Op::NewService(service(nth_key(n), "rr")),
                        Op::NewDest(nth_key(n), nth_dest(5)),
                    ])?;
                }
                rounds += 1;
            }
            Ok(rounds)
        });
        let outcome = read_again_and_again(client);
        stop.store(true, Ordering::Relaxed);
        let rounds = writer.join().map_err(|_| "the writer panicked")??;
        outcome?;
        check(rounds > 0, || "nothing changed meanwhile".into())
    })
}

/// What does not change must always be there, whatever happens around it.
fn read_again_and_again(client: &mut Client) -> Outcome {
    for _ in 0..50 {
        let found = table(client)?;
        for n in 0..50 {
            let entry = found.services.iter().find(|entry| entry.service.key == nth_key(n));
            check(entry.is_some_and(|entry| entry.dests.len() == 20), || format!("service {n} is incomplete"))?;
        }
    }
    Ok(())
}

/// Tables with everything the socket options hide.
pub(crate) fn brief(client: &mut Client) -> Outcome {
    carry_out(client, &values::large(30, 90))?;
    compare(client)?;
    let marked = mark(NonZeroU32::MIN, Family::V4);
    let hidden = Dest { method: ForwardMethod::Tunnel(Tunnel::Ipip), ..dest(v6(1), 80) };
    carry_out(
        client,
        &[
            Op::NewService(service(marked, "rr")),
            Op::NewService(service(mark(NonZeroU32::MIN, Family::V6), "rr")),
            Op::NewDest(mark(NonZeroU32::MIN, Family::V6), dest(v6(2), 80)),
            Op::NewDest(marked, hidden),
            Op::NewDest(marked, nth_dest(1)),
        ],
    )?;
    compare(client)?;
    for (n, method) in (0..).zip(tunnels()) {
        client.execute(&Op::NewDest(nth_key(n), Dest { method, ..nth_dest(500) }))?;
    }
    compare(client)
}

fn compare(client: &mut Client) -> Outcome {
    let services = client.services()?;
    let mut full = Vec::new();
    client.dests_of_each(&services, |_, dests| {
        for dest in dests.iter_mut() {
            dest.stats = Stats::default();
        }
        full.push(dests.clone());
        Ok::<(), Error>(())
    })?;
    let mut brief = Vec::new();
    client.dests_of_each_without_stats(&services, |_, dests| {
        brief.push(dests.clone());
        Ok::<(), Error>(())
    })?;
    same("destinations without counters", brief, full)
}
