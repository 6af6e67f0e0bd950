//! The invocations, and where ours is meant to differ.

/// One invocation on both sides.
pub(crate) struct Case {
    /// The command; the first word is a path that exists on both sides.
    pub(crate) command: &'static [&'static str],
    /// Variables, besides what every case has.
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// Shell commands before it.
    pub(crate) setup: &'static str,
    /// Resource scripts that run already.
    pub(crate) running: &'static str,
    /// What may differ, and why.
    pub(crate) differs: Option<(&'static [&'static str], &'static str)>,
}

const PLAIN: Case = Case { command: &[], environment: &[], setup: "", running: "", differs: None };

const STANDBY: &str = "/usr/share/heartbeat/hb_standby";
const TAKEOVER: &str = "/usr/share/heartbeat/hb_takeover";
const ADD: &str = "/usr/share/heartbeat/hb_addnode";
const DELETE: &str = "/usr/share/heartbeat/hb_delnode";
const WEIGHT: &str = "/usr/share/heartbeat/hb_setweight";
const SITE: &str = "/usr/share/heartbeat/hb_setsite";
const HARC: &str = "/etc/ha.d/harc";
const STATUS: &str = "/etc/ha.d/rc.d/status";
const REQUEST: &str = "/etc/ha.d/rc.d/ip-request";
const RESPONSE: &str = "/etc/ha.d/rc.d/ip-request-resp";
const ASK: &str = "/etc/ha.d/rc.d/ask_resources";
const PEER: &str = "/etc/ha.d/rc.d/hb_takeover";

const SHELL_NOISE: &str = "the original's shell complains about its own comparison";
const FAILBACK: &str = "failback is everybody's own, not everything";
const ORDER: &str = "the variables are listed by name, and with what the shell functions add";
const LAST_RESORT: &str = "with no log at all, the resource manager's lines go to standard error";
const TAG: &str = "a script's tag is its name, not its agent's path";
const NO_TYPE: &str = "a directory is not executed";

const fn tool(command: &'static [&'static str]) -> Case {
    Case { command, ..PLAIN }
}

const fn with(command: &'static [&'static str], environment: &'static [(&'static str, &'static str)]) -> Case {
    Case { command, environment, ..PLAIN }
}

/// A case in which groups move, without a log.
const fn moving(command: &'static [&'static str], environment: &'static [(&'static str, &'static str)]) -> Case {
    Case { command, environment, differs: Some((&["stderr"], LAST_RESORT)), ..PLAIN }
}

/// The companion programs.
pub(crate) const TOOLS: &[Case] = &[
    tool(&[STANDBY]),
    tool(&[STANDBY, "all"]),
    tool(&[STANDBY, "foreign"]),
    tool(&[STANDBY, "local"]),
    tool(&[STANDBY, "failback"]),
    tool(&[STANDBY, "bad"]),
    tool(&[STANDBY, "ALL"]),
    tool(&[STANDBY, "--help"]),
    tool(&[STANDBY, "-h"]),
    tool(&[STANDBY, "a", "b"]),
    tool(&[STANDBY, "--help", "b"]),
    Case { differs: Some((&["stderr"], SHELL_NOISE)), ..tool(&[STANDBY, ""]) },
    with(&[STANDBY, "local"], LOGS),
    with(&[STANDBY, "local"], &[("HA_LOGFILE", "$W/log"), ("HA_LOGTAG", "tag")]),
    tool(&[TAKEOVER]),
    tool(&[TAKEOVER, "all"]),
    tool(&[TAKEOVER, "foreign"]),
    tool(&[TAKEOVER, "local"]),
    Case { differs: Some((&["message"], FAILBACK)), ..tool(&[TAKEOVER, "failback"]) },
    tool(&[TAKEOVER, "bad"]),
    tool(&[TAKEOVER, "--help"]),
    tool(&[TAKEOVER, "a", "b", "c"]),
    tool(&[ADD]),
    tool(&[ADD, "--help"]),
    tool(&[ADD, "x"]),
    tool(&[ADD, "x", "y"]),
    tool(&[ADD, ""]),
    tool(&[DELETE]),
    tool(&[DELETE, "--help"]),
    tool(&[DELETE, "x", "y"]),
    tool(&[WEIGHT]),
    tool(&[WEIGHT, "--help"]),
    tool(&[WEIGHT, "x"]),
    tool(&[WEIGHT, "x", "5"]),
    tool(&[WEIGHT, "x", "5", "z"]),
    tool(&[SITE]),
    tool(&[SITE, "--help"]),
    tool(&[SITE, "x"]),
    tool(&[SITE, "x", "here"]),
];

const LOGS: &[(&str, &str)] = &[("HA_LOGFILE", "$W/log"), ("HA_DEBUGLOG", "$W/debug"), ("HA_debug", "1")];

/// The scripts for messages.
pub(crate) const SCRIPTS: &[Case] = &[
    tool(&[STATUS, "status"]),
    moving(&[STATUS, "status"], &[("HA_st", "dead"), ("HA_src", "beta")]),
    moving(&[STATUS, "status"], &[("HA_st", "dead"), ("HA_src", "BETA"), ("HA_NICEFAILBACK", "no")]),
    with(&[STATUS, "status"], &[("HA_st", "dead"), ("HA_src", "alpha")]),
    with(&[STATUS, "status"], &[("HA_st", "dead"), ("HA_src", "beta"), ("HA_info", "ping")]),
    with(&[STATUS, "status"], &[("HA_st", "DEAD"), ("HA_src", "beta")]),
    with(&[STATUS, "status"], &[("HA_st", "active"), ("HA_src", "beta")]),
    Case { differs: Some((&["stdout"], ORDER)), ..tool(&[REQUEST, "ip-request"]) },
    with(&[REQUEST, "ip-request"], &[("HA_t", "ip-request"), ("HA_src", "alpha"), ("HA_ipaddr", "Q::a")]),
    with(&[REQUEST, "ip-request"], &[("HA_t", "ip-request"), ("HA_src", "beta"), ("HA_ipaddr", "Q::a")]),
    Case {
        running: "Q",
        ..moving(&[REQUEST, "ip-request"], &[("HA_t", "ip-request"), ("HA_src", "beta"), ("HA_ipaddr", "Q::a")])
    },
    Case { running: "Q", ..moving(&[REQUEST], &[("HA_src", "ALPHA"), ("HA_ipaddr", "Q::a")]) },
    Case {
        running: "R S",
        setup: "printf '#!/bin/sh\\necho \"hook $0 $*\" >>\"$W/calls\"; exit 3\\n' >/etc/ha.d/rc.d/local_giveip; \
                chmod 755 /etc/ha.d/rc.d/local_giveip",
        ..moving(&[REQUEST, "ip-request"], &[("HA_t", "ip-request"), ("HA_src", "beta"), ("HA_ipaddr", "R::b")])
    },
    Case { differs: Some((&["stdout"], ORDER)), ..tool(&[RESPONSE, "a", "b"]) },
    with(&[RESPONSE], &[("HA_ipaddr", "R::b"), ("HA_dest", "beta"), ("HA_ok", "OK"), ("HA_weown", "yes")]),
    moving(&[RESPONSE], &[("HA_ipaddr", "R::b"), ("HA_dest", "alpha"), ("HA_ok", "OK"), ("HA_weown", "yes")]),
    with(&[RESPONSE], &[("HA_ipaddr", "R::b"), ("HA_dest", "alpha"), ("HA_ok", "NO"), ("HA_weown", "no")]),
    with(&[RESPONSE], &[("HA_ipaddr", "R::b"), ("HA_dest", "alpha")]),
    moving(&[ASK], &[("HA_src", "beta")]),
    moving(&[ASK], &[("HA_src", "alpha"), ("HA_NICEFAILBACK", "no")]),
    with(&[PEER], &[("HA_src", "beta"), ("HA_rsc_hold", "all")]),
    with(&[PEER], &[("HA_src", "beta"), ("HA_rsc_hold", "local")]),
    with(&[PEER], &[("HA_src", "beta"), ("HA_rsc_hold", "foreign")]),
    with(&[PEER], &[("HA_src", "beta"), ("HA_rsc_hold", "bad")]),
    with(&[PEER], &[("HA_src", "beta")]),
    with(&[PEER], &[("HA_src", "alpha"), ("HA_rsc_hold", "all")]),
    Case {
        differs: Some((&["message", "stderr"], FAILBACK)),
        ..with(&[PEER], &[("HA_src", "beta"), ("HA_rsc_hold", "failback")])
    },
];

const SITE_SCRIPT: &str = "printf '#!/bin/sh\\necho \"site $0 $* $HA_x $HA_RCDIR $HA_RESOURCEDIR $HA_BIN $HA_FIFO \
                           $HA_DOCDIR $LC_ALL $OCF_AGENTS\"; echo err >&2; exit 5\\n' >/etc/ha.d/rc.d/site; \
                           chmod 755 /etc/ha.d/rc.d/site";

/// `harc`.
pub(crate) const HARCS: &[Case] = &[
    Case { differs: Some((&["status", "log", "debug"], NO_TYPE)), ..with(&[HARC], LOGS) },
    with(&[HARC, "status"], &[]),
    with(&[HARC, "status"], LOGS),
    with(&[HARC, "nothere"], LOGS),
    Case { setup: "rm -r /etc/ha.d/rc.d", ..with(&[HARC, "status"], LOGS) },
    Case { setup: "chmod 644 /etc/ha.d/rc.d/status", ..with(&[HARC, "status"], LOGS) },
    Case { setup: SITE_SCRIPT, ..with(&[HARC, "site", "more"], &[("HA_x", "1")]) },
    Case { setup: SITE_SCRIPT, ..with(&[HARC, "site", "more"], &[("HA_x", "1"), ("HA_DEBUGLOG", "$W/debug")]) },
    with(&[HARC, "hb_takeover"], &[("HA_src", "beta"), ("HA_rsc_hold", "all"), ("HA_LOGFILE", "$W/log")]),
    with(&[HARC, "status"], &[("HA_src", "beta"), ("HA_st", "dead"), ("HA_LOGFILE", "$W/log")]),
    Case {
        running: "Q",
        ..with(
            &[HARC, "ip-request"],
            &[("HA_t", "ip-request"), ("HA_src", "beta"), ("HA_ipaddr", "Q::a"), ("HA_DEBUGLOG", "$W/debug")],
        )
    },
];

const FUNCTIONS: &str = ". /etc/ha.d/shellfuncs; HA_LOGTAG=T; hadate; ha_log 'ERROR: one  two'; ha_log a b; \
                         ha_debug d; Echo x y; Echo -n z; \
                         for p in keepalive deadtime node udpport none; do ha_parameter $p; done; \
                         echo $HA_DIR $HA_RCDIR $HA_RESOURCEDIR $HA_FIFO $HA_BIN $HA_DOCDIR $OCF_AGENTS $HA_CF $LC_ALL";
const MESSAGE: &str = ". /etc/ha.d/shellfuncs; printf 't=x\\na=b c\\n' | ha_clustermsg; echo $?";
const CONFIGURATION: &str = "printf 'Keepalive\\t4\\nnode a\\tb\\nnode c # d\\n#udpport 5\\n' >/etc/ha.d/ha.cf";

/// The shell functions, in both shells.
pub(crate) const SHELL: &[Case] = &[
    Case { setup: CONFIGURATION, ..tool(&["/bin/dash", "-c", FUNCTIONS]) },
    Case { setup: CONFIGURATION, ..tool(&["/bin/bash", "-c", FUNCTIONS]) },
    Case { setup: CONFIGURATION, ..with(&["/bin/dash", "-c", FUNCTIONS], LOGS) },
    Case { setup: CONFIGURATION, ..with(&["/bin/bash", "-c", FUNCTIONS], &[("HA_LOGFILE", "$W/log")]) },
    tool(&["/bin/dash", "-c", MESSAGE]),
    tool(&["/bin/bash", "-c", MESSAGE]),
];

const AGENT: &str = "cp -a /usr/lib/ocf/resource.d/heartbeat \"$W/agents\"; \
                     mount --bind \"$W/agents\" /usr/lib/ocf/resource.d/heartbeat; \
                     printf '#!/bin/sh\\necho \"$*:$OCF_TYPE:$OCF_ROOT:$OCF_RA_VERSION_MAJOR:$OCF_RA_VERSION_MINOR\"; \
                     echo err >&2; exit $CODE\\n' >\"$W/agents/WinPopup\"; chmod 755 \"$W/agents/WinPopup\"";
const NO_AGENT: &str = "cp -a /usr/lib/ocf/resource.d/heartbeat \"$W/agents\"; \
                        mount --bind \"$W/agents\" /usr/lib/ocf/resource.d/heartbeat; \
                        rm \"$W/agents/WinPopup\"";
const WRAPPER: &str = "/etc/ha.d/resource.d/WinPopup";

const fn agent(command: &'static [&'static str], environment: &'static [(&'static str, &'static str)]) -> Case {
    Case { command, environment, setup: AGENT, ..PLAIN }
}

/// A wrapper of Debian's around an agent of the test, with our functions for wrappers.
pub(crate) const WRAPPERS: &[Case] = &[
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "stop"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "status"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "monitor"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "1")]),
    agent(&[WRAPPER, "hosts", "stop"], &[("CODE", "2")]),
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "3")]),
    agent(&[WRAPPER, "hosts", "status"], &[("CODE", "4")]),
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "5")]),
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "6")]),
    agent(&[WRAPPER, "hosts", "status"], &[("CODE", "7")]),
    agent(&[WRAPPER, "hosts", "status"], &[("CODE", "8")]),
    agent(&[WRAPPER, "hosts", "start"], &[("CODE", "55")]),
    Case {
        differs: Some((&["log"], TAG)),
        ..agent(&[WRAPPER, "hosts", "stop"], &[("CODE", "7"), ("HA_LOGFILE", "$W/log")])
    },
    agent(&[WRAPPER, "hosts", "usage"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "meta-data"], &[("CODE", "0")]),
    agent(&[WRAPPER, "hosts", "nonsense"], &[("CODE", "0")]),
    agent(&[WRAPPER], &[("CODE", "0")]),
    Case { setup: NO_AGENT, ..tool(&[WRAPPER, "hosts", "start"]) },
];
