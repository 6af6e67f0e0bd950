//! Two programs by turns.

use std::fs::{self, File};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use nix::sched::{CloneFlags, unshare};

use crate::child::{Cost, steps};
use crate::split;

/// What to do; see the module head of `main`.
#[derive(Default)]
struct Plan<'a> {
    name: &'a str,
    runs: usize,
    stdin: Option<&'a str>,
    prepare: Vec<String>,
    fresh: bool,
    same: bool,
}

/// Measures as the words say and prints a row of the table.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let parts = split(words, "--");
    let [options, first, second] = parts[..] else { bail!("pair: OPTIONS -- A -- B") };
    let plan = plan(options)?;
    let mut sides = [Side::new(first, "a"), Side::new(second, "b")];
    for round in 0..plan.runs {
        // The one that goes first changes each time, so that what one leaves behind hits both alike.
        let [first, second] = &mut sides;
        let order = if round % 2 == 0 { [first, second] } else { [second, first] };
        for side in order {
            side.run(&plan)?;
        }
    }
    let [first, second] = &mut sides;
    let same = fs::read(&first.output)? == fs::read(&second.output)?;
    fs::remove_file(&first.output)?;
    fs::remove_file(&second.output)?;
    ensure!(same || !plan.same, "{}: the two did not print the same", plan.name);
    print_row(&plan, &Summary::of(&mut first.costs)?, &Summary::of(&mut second.costs)?);
    Ok(())
}

/// One of the two programs.
struct Side<'a> {
    command: &'a [String],
    /// Where its output goes: memory, so that no disk is measured.
    output: String,
    costs: Vec<Cost>,
    /// Namespaces left behind.
    left: Vec<File>,
}

impl<'a> Side<'a> {
    fn new(command: &'a [String], name: &str) -> Self {
        Self {
            command,
            output: format!("/dev/shm/pairbench-{}-{name}", std::process::id()),
            costs: Vec::new(),
            left: Vec::new(),
        }
    }

    fn run(&mut self, plan: &Plan<'_>) -> Result<()> {
        if plan.fresh {
            // The namespace before is kept: taking its table down would disturb what is measured next.
            self.left.push(File::open("/proc/self/ns/net")?);
            unshare(CloneFlags::CLONE_NEWNET)?;
            // Without the loopback interface no address counts as unicast, and no server can be added.
            let up = Command::new("ip").args(["link", "set", "lo", "up"]).status()?;
            ensure!(up.success(), "ip link set lo up: {up}");
            // Without any address the kernel takes no address for unicast and refuses every server.
            steps(&["ip", "link", "set", "lo", "up"].map(str::to_owned), None, &File::create("/dev/null")?)?;
        }
        if !plan.prepare.is_empty() {
            steps(&plan.prepare, None, &File::create("/dev/null")?)?;
        }
        let output = File::create(&self.output)?;
        self.costs.push(steps(self.command, plan.stdin, &output)?);
        Ok(())
    }
}

fn plan(words: &[String]) -> Result<Plan<'_>> {
    let mut plan = Plan { runs: 5, ..Plan::default() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word}: its value is missing"));
        match word.as_str() {
            "--runs" => plan.runs = value()?.parse().context("--runs")?,
            "--stdin" => plan.stdin = Some(value()?),
            "--prepare" => plan.prepare = value()?.split_whitespace().map(str::to_owned).collect(),
            "--fresh" => plan.fresh = true,
            "--same" => plan.same = true,
            name => plan.name = name,
        }
    }
    Ok(plan)
}

/// What is worth saying about the runs of one program.
struct Summary {
    least: Duration,
    median: Duration,
    processor: Duration,
    memory_kib: i64,
}

impl Summary {
    fn of(costs: &mut [Cost]) -> Result<Self> {
        costs.sort_by_key(|cost| cost.wall);
        let (Some(first), Some(middle)) = (costs.first(), costs.get(costs.len() / 2)) else { bail!("no runs") };
        // The kernel counts processor time in ticks of 10 ms: only the mean of many runs says something.
        let processor = costs.iter().map(|cost| cost.processor).sum::<Duration>() / u32::try_from(costs.len())?;
        let memory_kib = costs.iter().map(|cost| cost.memory_kib).max().unwrap_or(0);
        Ok(Self { least: first.wall, median: middle.wall, processor, memory_kib })
    }
}

fn print_row(plan: &Plan<'_>, first: &Summary, second: &Summary) {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1000.0);
    let ratio = |a: Duration, b: Duration| format!("{:.2}", b.as_secs_f64() / a.as_secs_f64());
    println!(
        "| {} | {} | {} | {} | {} | {} | **{}** | {} / {} | {} / {} |",
        plan.name,
        plan.runs,
        ms(first.median),
        ms(second.median),
        ms(first.least),
        ms(second.least),
        ratio(first.median, second.median),
        ms(first.processor),
        ms(second.processor),
        first.memory_kib,
        second.memory_kib,
    );
}
