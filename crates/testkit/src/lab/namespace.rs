//! A network namespace of its own, with its own IPVS table, entered by one thread for as long as it lives.

use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};
use nix::sched::{CloneFlags, unshare};

/// The interfaces and routes of the recorded environment.
const NETWORK: &str = "\
link set lo up
link set lo multicast on
link add lab0 type dummy
link set lab0 up
addr add 10.0.0.254/24 dev lab0
addr add 2001:db8::254/64 dev lab0 nodad
addr add 10.0.0.1/32 dev lo
addr add 2001:db8::1/128 dev lo nodad
route add default dev lab0
route add ::/0 dev lab0
";

type Task = Box<dyn FnOnce() + Send>;

/// A thread inside its own network namespace; programs it starts are inside, too.
#[derive(Debug)]
pub struct Namespace {
    tasks: Sender<Task>,
}

impl Namespace {
    /// Makes the namespace, with the network of the recorded environment. It ends when the value is dropped.
    ///
    /// # Errors
    ///
    /// The namespace or its interfaces cannot be made.
    pub fn new() -> Result<Self> {
        super::machine::require()?;
        let (tasks, queue) = channel::<Task>();
        thread::Builder::new().name("namespace".to_owned()).spawn(move || {
            for task in queue {
                task();
            }
        })?;
        let namespace = Self { tasks };
        namespace.run(|| -> Result<()> {
            unshare(CloneFlags::CLONE_NEWNET).context("a network namespace")?;
            configure()
        })??;
        Ok(namespace)
    }

    /// Does something inside and waits for its result.
    ///
    /// # Errors
    ///
    /// The thread has died, because an earlier task panicked.
    pub fn run<T: Send + 'static>(&self, task: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, result) = channel();
        let task: Task = Box::new(move || {
            let _ = answer.send(task());
        });
        self.tasks.send(task).map_err(|_| anyhow!("the thread of a namespace has died"))?;
        result.recv().context("the thread of a namespace has died")
    }
}

fn configure() -> Result<()> {
    let mut child = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().context("ip")?;
    if let Some(mut stdin) = child.stdin.take() {
        std::io::Write::write_all(&mut stdin, NETWORK.as_bytes())?;
    }
    ensure!(child.wait()?.success(), "ip could not make the lab's network");
    Ok(())
}
