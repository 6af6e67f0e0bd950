//! What ours does in another way on purpose.

use testkit::cluster::Result;
use testkit::resource_trace::{Free, Phases};

use crate::replay::Edit;

/// Both nodes, or the first two of three.
const ALPHA: fn(&[bool]) -> bool = |ours| ours.first() == Some(&true);
const BETA: fn(&[bool]) -> bool = |ours| ours.get(1) == Some(&true);
const BOTH: fn(&[bool]) -> bool = |ours| ours.iter().all(|ours| *ours);
const ANY: fn(&[bool]) -> bool = |ours| ours.contains(&true);

/// All of them.
pub(crate) fn deviations() -> Vec<Edit> {
    let mut all = peer_shutdown();
    all.extend(start_failures());
    all.extend(mid_standby_deaths());
    all.extend(others());
    all.extend(disputes());
    all
}

/// A survivor of a clean stop that looks at no own resource twice: `checks` are the calls that may be missing.
fn checks_less(phases: &mut Phases, phase: usize, node: &str, checks: &[&str]) -> Result<()> {
    checks.iter().try_for_each(|check| phases.may_lack(phase, node, check))?;
    // Without the second acquisition, there is no end of it to tell.
    phases.may_lack_message(phase, node, "ask_resources")
}

fn peer_shutdown() -> Vec<Edit> {
    let edit = |trace, when, edit| Edit {
        trace,
        name: "peer-shutdown-acquires-once",
        reason: "the original acquires its own groups twice at the same time when its peer shuts down; once is enough",
        when,
        edit,
    };
    vec![
        edit("cold-crash-stop.auto_failback-on", BETA, |phases| checks_less(phases, 3, "beta", &["LabC c1 status"])),
        edit("cold-crash-stop.auto_failback-off", BETA, |phases| phases.free(3, "beta", &[Free::Messages])),
        edit("staggered-start", ALPHA, |phases| checks_less(phases, 2, "alpha", &["LabA a1 status", "LabB b1 status"])),
        edit("staggered-start.auto_failback-off", ALPHA, |phases| {
            checks_less(phases, 3, "alpha", &["LabA a1 status", "LabB b1 status"])
        }),
        edit("quick-return-after-stop", BETA, |phases| {
            phases.may_lack(1, "beta", "LabC c1 status")?;
            phases.may_lack_message(1, "beta", "ask_resources rsc_hold=all info=done")
        }),
        edit("two-groups-per-node", BETA, |phases| {
            checks_less(phases, 5, "beta", &["LabA a2 status", "LabB b2 status", "LabC c2 status"])
        }),
        edit("node-without-groups", ALPHA, |phases| {
            checks_less(phases, 5, "alpha", &["LabA a1 status", "LabB b1 status", "LabC c1 status"])
        }),
        edit("script-lookup", ALPHA, |phases| {
            // What remains are the acquisition of own groups and the takeover, as when a node starts alone.
            phases.replace(
                2,
                "alpha",
                &[
                    "LabD d1 status",
                    "LabC c1 status",
                    "LabC c1 start",
                    "LabD d1 status",
                    "LabD d1 start",
                    "init.d/LabE e1 status",
                    "init.d/LabE e1 start",
                    "init.d/labinit status",
                    "init.d/labinit start",
                ],
            )?;
            phases.may_lack_message(2, "alpha", "ask_resources")
        }),
    ]
}

fn start_failures() -> Vec<Edit> {
    let edit = |trace, when, edit| Edit {
        trace,
        name: "delayed-standby",
        reason: "the original hands foreign groups back, so that the own group stays stopped on both nodes",
        when,
        edit,
    };
    vec![
        edit("start-failure-on-owner", ALPHA, |phases| {
            let before = ["LabA a1 status", "LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start !"];
            let stops = ["init.d/labinit stop", "LabB b1 stop", "LabA a1 stop"];
            phases.replace(0, "alpha", &[&before[..], &stops, &stops].concat())?;
            let own = ["LabC c1 status", "LabC c1 status", "LabC c1 start"];
            let taken = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
            let last = ["init.d/labinit status", "init.d/labinit start"];
            phases.replace(0, "beta", &[&own[..], &taken, &last].concat())?;
            asks_for_local(phases, "LabA::a1", "LabC::c1")
        }),
        edit("start-failure-two-groups", ALPHA, |phases| {
            let before = ["LabA a1 status", "LabC c1 status", "LabA a1 status", "LabA a1 start !"];
            let stops = ["LabB b1 stop", "LabA a1 stop"];
            let second = ["LabC c1 status", "LabC c1 start"];
            phases.replace(0, "alpha", &[&before[..], &stops, &second, &stops, &["LabC c1 stop"]].concat())?;
            let own = ["LabC c2 status", "LabC c2 status", "LabC c2 start"];
            let taken = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
            phases.replace(0, "beta", &[&own[..], &taken, &["LabC c1 status", "LabC c1 start"]].concat())?;
            asks_for_local(phases, "LabA::a1 LabC::c1", "LabC::c2")
        }),
        Edit {
            trace: "start-failure-on-peer",
            name: "standby-needs-a-peer",
            reason: "nobody can answer the request, so it is not sent",
            when: BETA,
            edit: |phases| phases.may_lack_message(2, "beta", "ask_resources"),
        },
    ]
}

/// The messages of a cold start after which alpha asks for a standby of its own groups.
fn asks_for_local(phases: &mut Phases, alpha: &str, beta: &str) -> Result<()> {
    for (node, keys, answers) in [("alpha", alpha, ["me", "done"]), ("beta", beta, ["other", "done"])] {
        let own = keys.split(' ').map(|key| format!("ip-request-resp dest={node} ipaddr={key} weown=yes ok=OK"));
        let asked = answers.map(|info| format!("ask_resources rsc_hold=local info={info}"));
        let all: Vec<_> = own.chain(asked).collect();
        phases.replace_messages(0, node, &all.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    phases.any_statuses(0)
}

fn mid_standby_deaths() -> Vec<Edit> {
    vec![
        Edit {
            trace: "stonith-death.giver-stopping",
            name: "fencing-when-in-doubt",
            reason: "the giver says that it holds nothing before it has stopped anything, so its death needs a reset",
            when: BETA,
            edit: |phases| {
                let reset = [
                    "external/labst getinfo-devid hostlist=alpha,beta",
                    "external/labst reset alpha hostlist=alpha,beta",
                ];
                phases.replace_fencing(1, "beta", &reset)?;
                phases.change_message(1, "beta", "stonith node=alpha result=unneeded", "stonith node=alpha result=OK")
            },
        },
        Edit {
            trace: "standby-death.giver-done",
            name: "taken-by-the-standby",
            reason: "what is being taken from the dead node already is not taken a second time",
            when: BETA,
            edit: |phases| {
                let taken = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
                phases.replace(1, "beta", &taken)?;
                phases.may_lack_message(1, "beta", "ask_resources rsc_hold=local info=done")
            },
        },
        Edit {
            trace: "standby-death.taker-waiting",
            name: "giver-recovers",
            reason: "the original says that it holds all, but never starts again what it stopped for the taker",
            when: ALPHA,
            edit: |phases| {
                let given = ["LabB b1 stop", "LabA a1 stop"];
                let taken = ["LabA a1 status", "LabC c1 status", "LabC c1 start"];
                let again = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
                phases.replace(1, "alpha", &[&given[..], &taken, &again].concat())?;
                let asked = "ask_resources rsc_hold=local info=me";
                let own = "ip-request-resp dest=alpha ipaddr=LabA::a1 weown=yes ok=OK";
                phases.replace_messages(1, "alpha", &[asked, "stonith node=beta result=n_stnth", own])
            },
        },
    ]
}

/// What a daemon does that is started where another one was killed.
const LEFTOVERS: [&str; 3] = ["LabC c1 stop", "LabA a1 status", "LabB b1 status"];

fn others() -> Vec<Edit> {
    let leftovers = |trace, edit| Edit {
        trace,
        name: "leftovers-are-stopped",
        reason: "what a killed daemon held of its peer's is stopped at the next start; the original leaves it on both",
        when: ALPHA,
        edit,
    };
    vec![
        leftovers("kill9-daemon-only", |phases| phases.replace(2, "alpha", &LEFTOVERS)),
        leftovers("quick-return-after-kill", |phases| phases.replace(1, "alpha", &["LabA a1 status", "LabC c1 stop"])),
        leftovers("kill9-holding-all", |phases| phases.replace(3, "alpha", &LEFTOVERS)),
        Edit {
            trace: "net-cut-heal",
            name: "partition-without-restart",
            reason: "two of ours agree who keeps what: each group stays on its own node, and nothing is stopped there",
            when: BOTH,
            edit: |phases| {
                phases.replace(2, "alpha", &["LabC c1 stop"])?;
                phases.replace(2, "beta", &["LabB b1 stop", "LabA a1 stop"])?;
                let all = [Free::Messages, Free::RcScripts];
                ["alpha", "beta"].iter().try_for_each(|node| phases.free(2, node, &all))
            },
        },
        Edit {
            trace: "net-cut-heal",
            name: "faster-release-at-heal",
            reason: "ours may have given up everything before the original begins, which then looks at its own again",
            when: |ours| ANY(ours) && !BOTH(ours),
            edit: |phases| {
                ["alpha", "beta"].iter().try_for_each(|node| {
                    phases.may_lack_message(2, node, "stonith")?;
                    phases.free(2, node, &[Free::Racing, Free::RcScripts])
                })
            },
        },
        Edit {
            trace: "standby-takeover",
            name: "takeover-failback",
            reason: "hb_takeover failback gets the caller its own groups; the original moves all",
            when: BETA,
            edit: |phases| {
                phases.replace(8, "alpha", &["LabA a1 status", "LabB b1 status"])?;
                phases.replace(8, "beta", &["LabB b1 stop", "LabA a1 stop"])?;
                ["alpha", "beta"].iter().try_for_each(|node| phases.free(8, node, &[Free::Messages, Free::RcScripts]))
            },
        },
        Edit {
            trace: "peer-starts-during-takeover",
            name: "handback-after-the-takeover",
            reason: "the original hands back what it is still taking, after which it runs on both nodes",
            when: BETA,
            edit: |phases| {
                let taken = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
                let back = ["LabB b1 stop", "LabA a1 stop"];
                phases.replace(1, "beta", &[&["LabC c1 status"][..], &taken, &back].concat())?;
                phases.any_statuses(1)
            },
        },
        Edit {
            trace: "stonith-return-while-retrying",
            name: "fencing-ends",
            reason: "the original resets a node that has come back, and takes its groups while they run there",
            when: BETA,
            edit: |phases| {
                phases.replace(1, "beta", &[])?;
                phases.free(1, "beta", &[Free::Fencing])?;
                phases.replace_messages(1, "beta", &["stonith node=alpha result=bad"])?;
                phases.any_statuses(1)
            },
        },
        Edit {
            trace: "three-nodes",
            name: "one-taker",
            reason: "of several survivors that are ours, one takes the groups of a dead node; the original's all do",
            when: ANY,
            edit: |phases| {
                // Who takes what is looked at by the story itself, if all are ours.
                for node in ["alpha", "beta", "gamma"] {
                    phases.free(1, node, &[Free::Calls, Free::RcScripts])?;
                    phases.free(2, node, &[Free::Calls])?;
                }
                Ok(())
            },
        },
    ]
}

/// What an original does whose peer gave up what both claimed: it hands the groups back as to a node that returned.
const ASKED_BACK: [&str; 2] = ["ask_resources rsc_hold=foreign info=me", "ask_resources rsc_hold=foreign info=done"];

/// The answers to that.
const TAKEN_BACK: [&str; 2] = ["ask_resources rsc_hold=foreign info=other", "ask_resources rsc_hold=foreign info=done"];

fn disputes() -> Vec<Edit> {
    let edit = |trace, edit| Edit {
        trace,
        name: "giving-way-to-an-original",
        reason: "ours stops what an original claims too; the original then gives it back as to a node that returned",
        when: |ours| ALPHA(ours) && !BOTH(ours),
        edit,
    };
    vec![
        edit("stonith-return-while-retrying", |phases| {
            give_way(phases, &["LabA a1 status"], &["LabC c1 status"], &[])?;
            let own = "ip-request-resp dest=alpha ipaddr=LabA::a1 weown=yes ok=OK";
            phases.replace_messages(1, "alpha", &[&[own], &TAKEN_BACK[..]].concat())?;
            let resets = ["stonith node=alpha result=bad", "stonith node=alpha result=OK"];
            phases.replace_messages(1, "beta", &[&resets[..], &ASKED_BACK].concat())
        }),
        edit("peer-starts-during-takeover", |phases| {
            let given = ["LabB b1 stop", "LabA a1 stop"];
            give_way(phases, &[], &["LabC c1 status", "LabA a1 status"], &given)?;
            phases.replace_messages(1, "alpha", &[TAKEN_BACK, TAKEN_BACK].concat())?;
            phases.replace_messages(
                1,
                "beta",
                &[&["stonith node=alpha result=n_stnth"], &ASKED_BACK[..], &ASKED_BACK].concat(),
            )
        }),
    ]
}

/// Alpha and beta both start the groups of alpha, alpha gives way, and gets them back. Before that, each makes the
/// calls `alpha` and `beta`; beta hands the groups over once already if it makes the calls `given` during its takeover.
fn give_way(phases: &mut Phases, alpha: &[&str], beta: &[&str], given: &[&str]) -> Result<()> {
    let starts = ["LabA a1 status", "LabA a1 start", "LabB b1 status", "LabB b1 start"];
    let stops = ["LabB b1 stop", "LabA a1 stop"];
    let taken = if given.is_empty() { &starts[..] } else { &starts[1..] };
    phases.replace(1, "alpha", &[alpha, &starts, &stops, &starts].concat())?;
    phases.replace(1, "beta", &[beta, given, taken, &stops].concat())?;
    // What one takes from the living other was not stopped there before.
    ["alpha", "beta"].iter().try_for_each(|node| phases.free(1, node, &[Free::Interleaving]))?;
    phases.any_statuses(1)
}
