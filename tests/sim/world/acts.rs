//! What happens to the cluster from outside.

use cluster_protocol::input::Input;
use cluster_protocol::message::Message;

use super::{Happening, World, ask};
use crate::host::Packet;
use crate::network::{HOSTS, spoil};
use crate::plan::{Act, keys};

impl World {
    pub(super) fn act(&mut self, act: &Act) -> Result<(), String> {
        self.log.say(self.now, || format!("** {act:?}"));
        match *act {
            Act::Start(host) => return self.start(host),
            Act::Crash(host, back) => self.reset(host, back, false),
            Act::Kill(host, back) => {
                if self.hosts[host].life.is_some() {
                    self.hosts[host].end(self.now);
                    self.hosts[host].machine.orphans = true;
                }
                let lives = self.hosts[host].lives;
                self.at(self.now + back, Happening::Reborn(host, lives));
            }
            Act::Stop(host, back) => {
                if let Some(life) = &mut self.hosts[host].life {
                    life.undisturbed = false;
                }
                self.at(self.now + back + 2_000_000, Happening::Act(Act::Start(host)));
                return if self.hosts[host].stalled { Ok(()) } else { self.feed(host, Input::Shutdown, None) };
            }
            Act::Restart(host) if !self.hosts[host].stalled => return self.feed(host, Input::Restart, None),
            Act::Stall(host, lasts) if self.hosts[host].life.is_some() && !self.hosts[host].stalled => {
                self.hosts[host].stalled = true;
                let lives = self.hosts[host].lives;
                self.at(self.now + lasts, Happening::Wake(host, lives));
            }
            Act::Cut { media, from, to, both, lasts } => {
                self.cut(media, from, to, both, 1);
                self.at(self.now + lasts, Happening::Act(Act::Uncut { media, from, to, both }));
            }
            Act::Uncut { media, from, to, both } if !self.healed => self.cut(media, from, to, both, u32::MAX),
            Act::Loss { medium, share } if !self.healed => {
                self.media[medium].loss = share;
                self.media[medium].changed(self.now);
            }
            Act::Keys(host, active) => {
                let method = self.hosts[host].settings.keys.keys[0].method;
                self.hosts[host].settings.keys = keys(active, method);
                if !self.hosts[host].stalled {
                    return self.feed(host, Input::NewKeys(keys(active, method)), None);
                }
            }
            Act::WallClock(host, by) => self.hosts[host].wall += by,
            Act::Ping(up) => self.ping = up || self.healed,
            Act::Say(host) if !self.hosts[host].stalled => {
                return self.feed(host, Input::Local(Message::of_type("news").with("x", "y")), None);
            }
            Act::Standby(host, set) => return self.command(host, ask(set)),
            Act::Takeover(host, set) => {
                return self.command(host, Message::of_type("hb_takeover").with("rsc_hold", set));
            }
            Act::Fault(host, fault) if !self.healed => self.hosts[host].machine.add(fault, self.now),
            Act::Attack(count) if !self.healed => self.attack(count),
            Act::Heal => return self.repair(),
            _ => {}
        }
        Ok(())
    }

    /// An administrator's command; without a daemon it fails.
    fn command(&mut self, host: usize, message: Message) -> Result<(), String> {
        if let Some(life) = &mut self.hosts[host].life {
            life.undisturbed = false;
        }
        self.say(host, message)
    }

    /// The machine loses its power and starts again after `back` microseconds.
    pub(super) fn reset(&mut self, host: usize, back: u64, fenced: bool) {
        if self.hosts[host].life.is_some() {
            self.hosts[host].end(self.now);
        }
        self.hosts[host].machine.reset(fenced);
        let lives = self.hosts[host].lives;
        self.at(self.now + back, Happening::Reborn(host, lives));
    }

    fn cut(&mut self, media: usize, from: usize, to: usize, both: bool, by: u32) {
        for (_, medium) in self.media.iter_mut().enumerate().filter(|(index, _)| media >> index & 1 == 1) {
            for a in (0..HOSTS).filter(|a| from >> a & 1 == 1) {
                for b in (0..HOSTS).filter(|b| to >> b & 1 == 1 && *b != a) {
                    medium.cuts[a][b] = medium.cuts[a][b].wrapping_add(by);
                    if both {
                        medium.cuts[b][a] = medium.cuts[b][a].wrapping_add(by);
                    }
                }
            }
            medium.changed(self.now);
        }
    }

    /// Captured packets, some of them spoiled, to anybody through any medium.
    fn attack(&mut self, count: u64) {
        for _ in 0..count {
            if self.captures.is_empty() {
                return;
            }
            let place = usize::try_from(self.rng.below(self.captures.len() as u64)).unwrap();
            let (medium, bytes) = self.captures[place].clone();
            let bytes = if self.rng.below(4) == 0 { spoil(&bytes, &mut self.rng).into() } else { bytes };
            let to = usize::try_from(self.rng.below(self.hosts.len() as u64)).unwrap();
            let at = self.now + self.rng.below(1_000_000);
            self.at(at, Happening::Arrive(to, Packet { medium, bytes, injected: true }));
        }
    }

    fn repair(&mut self) -> Result<(), String> {
        self.healed = true;
        self.ping = true;
        for medium in &mut self.media {
            medium.heal(self.now);
        }
        for host in 0..self.hosts.len() {
            self.hosts[host].machine.repair();
            // What hangs, and what runs without a daemon that knows of it, ends with the machine only.
            if self.hosts[host].machine.hangs() || self.hosts[host].machine.orphans {
                let back = self.rng.below(500_000);
                self.reset(host, back, false);
            }
            if self.hosts[host].stalled {
                self.wake(host)?;
            }
            if self.hosts[host].life.is_none() {
                let lives = self.hosts[host].lives;
                let back = self.rng.below(500_000);
                self.at(self.now + back, Happening::Reborn(host, lives));
            }
        }
        Ok(())
    }
}
