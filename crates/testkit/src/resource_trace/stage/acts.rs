//! What a story can do to the nodes of a stage. In a rehearsal, only the events are noted.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::super::format::Kind;
use super::super::recorder::Fault;
use super::{CEILING, Stage};
use crate::cluster::{Mark, Program, wait_until};

/// After so long, a message that was put into the FIFO of an original got lost.
const LOST: Duration = Duration::from_secs(3);

impl Stage {
    /// Switches a machine on, if it is off, and starts heartbeat.
    ///
    /// # Errors
    ///
    /// It refuses to start.
    pub fn boot(&self, node: &str) -> Result<()> {
        self.event(&format!("boot {node}"));
        self.on(node, |node, _| node.switch_on().and_then(|()| node.start()))
    }

    /// Boots nodes, one after the other.
    ///
    /// # Errors
    ///
    /// As [`Self::boot`].
    pub fn boot_all(&self, nodes: &[&str]) -> Result<()> {
        nodes.iter().try_for_each(|node| self.boot(node))
    }

    /// Starts heartbeat on a machine that is on.
    ///
    /// # Errors
    ///
    /// It refuses to start.
    pub fn start(&self, node: &str) -> Result<()> {
        self.event(&format!("heartbeat start on {node}"));
        self.on(node, |node, _| node.start())
    }

    /// Stops heartbeat in the clean way and waits for its end.
    ///
    /// # Errors
    ///
    /// It does not end with success.
    pub fn stop(&self, node: &str) -> Result<()> {
        self.event(&format!("heartbeat -k on {node}"));
        self.on(node, |node, _| node.stop())?;
        self.result(&format!("heartbeat -k on {node} returned 0"));
        Ok(())
    }

    /// Stops heartbeat on several nodes at once.
    ///
    /// # Errors
    ///
    /// As [`Self::stop`].
    pub fn stop_at_once(&self, nodes: &[&str]) -> Result<()> {
        thread::scope(|scope| {
            let threads: Vec<_> = nodes.iter().map(|node| scope.spawn(|| self.stop(node))).collect();
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p)))
        })
    }

    /// Takes the power away: all processes and what was only in memory are gone, so no resource runs.
    ///
    /// # Errors
    ///
    /// The recorder's files cannot be changed.
    pub fn power_off(&self, node: &str) -> Result<()> {
        self.event(&format!("power off {node} (all processes killed)"));
        self.on(node, |node, recorder| {
            node.pull_the_plug();
            recorder.forget()
        })
    }

    /// Kills heartbeat and all it started, but nothing stops its resources.
    ///
    /// # Errors
    ///
    /// There are none.
    pub fn kill_daemon(&self, node: &str) -> Result<()> {
        self.event(&format!("kill -9 all heartbeat processes on {node} (scripts' state stays)"));
        self.on(node, |node, _| node.kill().map(drop))
    }

    /// `hb_standby SET`.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn standby(&self, node: &str, set: &str) -> Result<()> {
        self.event(&format!("hb_standby {set} on {node}"));
        self.request_standby(node, set)
    }

    /// `hb_takeover SET`.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn takeover(&self, node: &str, set: &str) -> Result<()> {
        self.event(&format!("hb_takeover {set} on {node}"));
        self.request_takeover(node, set)
    }

    /// `hb_standby SET` as part of an event that says more.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn request_standby(&self, node: &str, set: &str) -> Result<()> {
        self.request(node, "hb_standby", set, "ask_resources")
    }

    /// `hb_takeover SET` as part of an event that says more.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn request_takeover(&self, node: &str, set: &str) -> Result<()> {
        self.request(node, "hb_takeover", set, "hb_takeover")
    }

    /// Runs a program that puts a message into the FIFO. The original now and then loses such a message when the
    /// machine is busy and logs `msg2string: Message with zero fields` (observed on heartbeat 3.0.6); then the message
    /// is sent again.
    fn request(&self, node: &str, program: &str, set: &str, message: &str) -> Result<()> {
        let sent = || -> Result<usize> {
            let rows = self.rows()?;
            let own = rows.iter().filter(|row| row.kind == Kind::Message && row.node == node && row.name == message);
            Ok(own.filter(|row| row.name != "ask_resources" || row.field("info") == Some("me")).count())
        };
        let before = sent()?;
        let path = format!("/usr/share/heartbeat/{program}");
        self.command(node, &path, &[set])?;
        if self.live.is_some() && self.program(node)? == Program::Original {
            let seen = wait_until("the message of a script", LOST, || Ok((sent()? > before).then_some(())));
            if seen.is_err() {
                self.command(node, &path, &[set])?;
            }
        }
        Ok(())
    }

    /// Runs a program on a node, which must succeed.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn command(&self, node: &str, program: &str, args: &[&str]) -> Result<()> {
        self.on(node, |node, _| node.done(program, args).map(drop))
    }

    /// Pulls the cable of a node; the first one is number 1.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn cut(&self, number: usize) -> Result<()> {
        self.event(&format!("network cut node {number}"));
        self.live.as_ref().map_or(Ok(()), |live| live.cluster.cut(0, number.saturating_sub(1)))
    }

    /// Puts it back.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn heal(&self, number: usize) -> Result<()> {
        self.event(&format!("network heal node {number}"));
        self.live.as_ref().map_or(Ok(()), |live| live.cluster.heal(0, number.saturating_sub(1)))
    }

    /// Lets calls of a script on a node go wrong from now on, or no longer. `resource` is as in `LabA a1`.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn fault(&self, node: &str, resource: &str, verb: &str, fault: impl Into<Option<Fault>>) -> Result<()> {
        self.on(node, |_, recorder| recorder.fault(resource, verb, fault.into()))
    }

    /// Lets so many resets ordered by a node fail.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn stonith_failures(&self, node: &str, number: u32) -> Result<()> {
        self.on(node, |_, recorder| recorder.stonith_failures(number))
    }

    /// Puts one more recording script at `resource.d/NAME` or `init.d/NAME` of a node.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn more_scripts(&self, node: &str, path: &str) -> Result<()> {
        self.on(node, |_, recorder| recorder.script(path))
    }

    /// Replaces `haresources` on a node.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn haresources(&self, node: &str, text: &str) -> Result<()> {
        self.on(node, |node, _| Ok(fs::write(node.directory().join("ha.d/haresources"), text)?))
    }

    /// The environment of the scripts of a node: records it from the first call on, and gives what was recorded.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn environment(&self, node: &str) -> Result<String> {
        let mut text = String::new();
        self.on(node, |_, recorder| {
            text = recorder.environment()?;
            Ok(())
        })?;
        Ok(text)
    }

    /// Waits until a call that was made to go wrong has begun on a node, after so many that had begun before.
    ///
    /// # Errors
    ///
    /// It does not come.
    pub fn wait_for_begin(&self, node: &str, resource: &str, verb: &str, before: usize) -> Result<()> {
        let (origin, at) = (self.live.as_ref().map_or(0.0, |live| live.origin), self.place(node)?);
        let Some(live) = &self.live else { return Ok(()) };
        let recorder = live.recorders.get(at).context("no recorder")?;
        wait_until(&format!("{resource} {verb} on {node}"), CEILING, || {
            let rows = recorder.rows(origin)?;
            let begun = rows.iter().filter(|row| {
                let name = row.name.rsplit('/').next().unwrap_or_default();
                row.kind == Kind::Begin && row.verb == verb && format!("{name} {}", row.args).trim() == resource
            });
            Ok((begun.count() > before).then_some(()))
        })
    }

    /// Waits for the next line with `text` in the log of a node, from its beginning.
    ///
    /// # Errors
    ///
    /// It does not come.
    pub fn wait_for_log(&self, node: &str, text: &str) -> Result<()> {
        self.on(node, |node, _| node.wait_for_log(Mark::default(), text, CEILING).map(drop))
    }
}
