//! Rules files for measuring: any number of services with any number of servers each.

use std::io::{BufWriter, Write as _, stdout};

use anyhow::{Context as _, Result, bail};

/// Prints rules for `SERVICES SERVERS CHANGED`: services 10.x.y.1:80 with servers 10.x.y.z, masquerading.
///
/// `CHANGED` in 1000 servers have weight 2 instead of 1, so that two files with different values differ in as many.
pub(crate) fn print(words: &[String]) -> Result<()> {
    let numbers = words.iter().map(|word| word.parse()).collect::<Result<Vec<u32>, _>>().context("rules: numbers")?;
    let [services, servers, changed] = numbers[..] else { bail!("rules: SERVICES SERVERS CHANGED") };
    let mut out = BufWriter::new(stdout().lock());
    let mut number = 0;
    for service in 0..services {
        let (port, net) = (80 + service / 60_000, service % 60_000);
        let address = format!("10.{}.{}", net / 250, net % 250);
        writeln!(out, "-A -t {address}.1:{port} -s wlc")?;
        for server in 0..servers {
            let weight = if number % 1000 < changed { 2 } else { 1 };
            let (high, low) = (server / 200, server % 200);
            writeln!(out, "-a -t {address}.1:{port} -r 172.{}.{high}.{}:80 -m -w {weight}", 16 + net % 16, low + 2)?;
            number += 1;
        }
    }
    out.flush().context("rules")
}
