//! Plans against the kernel: carried out, they leave nothing to do, and nobody notices a gap.

use crate::values::*;
use crate::{Outcome, carry_out, check, same};
use ipvs::model::*;
use ipvs::{Client, Error, Op, plan};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};

/// A table with a bit of everything; the variant shifts all settings and some keys.
fn varied(variant: u32) -> Table {
    let mut services = Vec::new();
    for n in 0..40 {
        let kind = n + variant;
        let mut wanted = service(nth_key(n + variant * 7), if kind % 2 == 0 { "wrr" } else { "" });
        if kind % 3 == 0 {
            wanted.flags = ServiceFlags::PERSISTENT;
            wanted.timeout = 100 + variant;
            wanted.netmask = Netmask::V4([255, 255, 255, 0].into());
        }
        if kind % 5 == 0 {
            wanted.key = mark(NonZeroU32::MIN.saturating_add(n), Family::V6);
            wanted.netmask = Netmask::host(Family::V6);
            if wanted.flags == ServiceFlags::PERSISTENT {
                wanted.pe = PeName::new(b"sip").ok();
            }
        }
        let methods = tunnels().into_iter().chain([ForwardMethod::Masquerade, ForwardMethod::Route]);
        let dests = methods.zip(0u16..).filter(|(_, m)| (u32::from(*m) + kind) % 4 != 0).map(|(method, m)| {
            let mut new = match wanted.key.family() {
                Family::V4 => nth_dest(u32::from(m)),
                Family::V6 => dest(v6(m + 1), 80),
            };
            new.method = method;
            new.weight = weight((u32::from(m) * variant + n) % 4);
            new.upper_threshold = variant * 10;
            new.lower_threshold = variant;
            new
        });
        services.push(TableService { dests: dests.collect(), service: wanted });
    }
    Table { services }
}

fn apply(client: &mut Client, wanted: &Table) -> Result<usize, Box<dyn std::error::Error>> {
    let ops = plan::diff(wanted, &table(client)?);
    carry_out(client, &ops)?;
    Ok(ops.len())
}

pub(crate) fn carried_out(client: &mut Client) -> Outcome {
    for variant in [0, 1, 2, 1, 5, 0] {
        let wanted = varied(variant);
        check(apply(client, &wanted)? > 0, || "nothing to do at first".into())?;
        same("operations left", plan::diff(&wanted, &table(client)?), vec![])?;
    }
    apply(client, &Table::default())?;
    same("table", table(client)?, Table::default())
}

/// Replaces all destinations again and again while another client watches.
pub(crate) fn watched(client: &mut Client) -> Outcome {
    let with = |first: u32| Table {
        services: (0..50)
            .map(|n| TableService {
                service: service(nth_key(n), "wlc"),
                dests: (first..first + 5).map(nth_dest).collect(),
            })
            .collect(),
    };
    apply(client, &with(0))?;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| -> Result<(u32, bool), Error> {
            let mut client = Client::open()?;
            let (mut rounds, mut complete) = (0, true);
            while !stop.load(Ordering::Relaxed) {
                let seen = table(&mut client)?;
                complete &= seen.services.len() == 50 && seen.services.iter().all(|entry| !entry.dests.is_empty());
                rounds += 1;
            }
            Ok((rounds, complete))
        });
        let mut outcome = Ok(0);
        for round in 0..100 {
            outcome = outcome.and(apply(client, &with(round % 2 * 100)));
        }
        stop.store(true, Ordering::Relaxed);
        let (rounds, complete) = watcher.join().map_err(|_| "the watcher panicked")??;
        outcome?;
        check(rounds > 0 && complete, || format!("a gap was seen in {rounds} rounds"))?;
        client.execute(&Op::Flush)?;
        Ok(())
    })
}
