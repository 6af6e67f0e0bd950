//! Batches with refusals.

use crate::values::*;
use crate::{EEXIST, ESRCH, Outcome, check, same};
use ipvs::{Client, Error, Failure, Op};

fn told(failures: &[Failure]) -> Vec<(usize, i32)> {
    let errno = |error: &Error| match error {
        Error::Kernel { errno, .. } => *errno,
        _ => -1,
    };
    failures.iter().map(|failure| (failure.index, errno(&failure.error))).collect()
}

/// Refusals between successes, more than fit into one datagram.
pub(crate) fn mixed(client: &mut Client) -> Outcome {
    let mut ops = Vec::new();
    let mut expected = Vec::new();
    for n in 0..2_500 {
        ops.push(Op::NewService(service(nth_key(n), "rr")));
        if n % 3 == 0 {
            expected.push((ops.len(), EEXIST));
            ops.push(Op::NewService(service(nth_key(n), "rr")));
        }
        if n % 5 == 0 {
            expected.push((ops.len(), ESRCH));
            ops.push(Op::NewDest(nth_key(1_000_000 + n), nth_dest(1)));
        }
        ops.push(Op::NewDest(nth_key(n), nth_dest(1)));
    }
    same("refusals", told(&client.batch(&ops)?), expected)?;
    let services = client.services()?;
    same("services", services.len(), 2_500)?;
    let mut dests = 0;
    client.dests_of_each(&services, |_, found| {
        dests += found.len();
        Ok::<(), Error>(())
    })?;
    same("destinations", dests, 2_500)
}

/// All of many are refused: more than any receive buffer holds at once, and alternately with ones that succeed.
pub(crate) fn refused(client: &mut Client) -> Outcome {
    for count in [1, 2, 63, 64, 65, 300, 1_023, 1_024, 1_025, 20_000] {
        let ops: Vec<Op> = (0..count).map(|n| Op::DelService(nth_key(n))).collect();
        let failures = told(&client.batch(&ops)?);
        let expected = (0..ops.len()).map(|index| (index, ESRCH)).collect();
        same("refusals", failures, expected)?;
    }
    let ops: Vec<Op> = (0..10_000)
        .map(|n| match n % 2 {
            0 => Op::DelService(nth_key(n)),
            _ => Op::NewService(service(nth_key(n), "rr")),
        })
        .collect();
    let expected = (0..ops.len()).filter(|index| index % 2 == 0).map(|index| (index, ESRCH)).collect();
    same("every other", told(&client.batch(&ops)?), expected)?;
    check(client.services()?.len() == 5_000, || "not every other service was added".into())
}
