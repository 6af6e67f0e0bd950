//! What the original does not have, or does wrongly, and what the daemon's children do.

use crate::machine::{demand, run};
use resource_manager::stock::Stock;
use std::path::Path;

/// The lines that begin with one of these words, without `DATE` and the tag.
fn lines(commands: &str, wanted: &[&str]) -> Vec<String> {
    let text = run(commands, true);
    let shown = text.lines().filter(|line| wanted.iter().any(|word| line.starts_with(word)));
    let cut = |line: &str| match line.split_once("(default)[N]:    ") {
        Some((_, rest)) => format!("log: {rest}"),
        None => line.to_owned(),
    };
    shown.map(cut).collect()
}

const GROUPS: &str = "
file <<'X'
alpha A::1
beta B
gamma C::3 C::4
X
";

#[test]
fn standby_moves_the_groups_of_a_set_in_the_order_of_the_file() {
    demand();
    let commands = format!(
        "{GROUPS}
run jobs/release all
run jobs/acquire foreign
run jobs/acquire local
run jobs/acquire all GAMMA
run jobs/give_up
"
    );
    let expected = "--- jobs/release all
exit 0
calls: A <1> <stop>
calls: B <stop>
calls: C <4> <stop>
calls: C <3> <stop>
--- jobs/acquire foreign
exit 0
calls: B <status>
calls: B <start>
calls: C <3> <status>
calls: C <3> <start>
calls: C <4> <status>
calls: C <4> <start>
--- jobs/acquire local
exit 0
calls: A <1> <status>
calls: A <1> <start>
--- jobs/acquire all GAMMA
exit 0
calls: C <3> <status>
calls: C <4> <status>
--- jobs/give_up
exit 0
calls: A <1> <stop>
calls: B <stop>
calls: C <4> <stop>
calls: C <3> <stop>";
    assert_eq!(lines(&commands, &["---", "exit", "calls"]), expected.lines().collect::<Vec<_>>());
    let log = lines(&commands, &["log: DATE  heartbeat"]);
    let expected = [
        "log: info: give up all HA resources (standby).",
        "log: info: all HA resource release completed (standby).",
        "log: info: acquire foreign HA resources (standby).",
        "log: info: foreign HA resource acquisition completed (standby).",
        "log: info: acquire local HA resources (standby).",
        "log: info: local HA resource acquisition completed (standby).",
        "log: info: acquire all HA resources (standby).",
        "log: info: all HA resource acquisition completed (standby).",
        "log: info: Giving up all HA resources.",
        "log: info: All HA resources relinquished.",
    ];
    assert_eq!(log, expected);
}

#[test]
fn the_first_acquisition_asks_for_each_own_group() {
    demand();
    let commands = format!(
        "{GROUPS}
HA_NICEFAILBACK=yes run jobs/req_our_resources
HA_CURHOST=delta run jobs/req_our_resources
rm lib/fifo
run req_resource A::1
ls lib
"
    );
    let found = lines(&commands, &["---", "exit", "calls", "message", "fifo"]);
    let expected = "--- jobs/req_our_resources
exit 0
calls: A <1> <status>
message: >>>
message: t=ip-request-resp
message: dest=alpha
message: ipaddr=A::1
message: weown=yes
message: ok=OK
message: <<<
--- jobs/req_our_resources
exit 0
--- req_resource A::1
exit 1
calls: A <1> <status>";
    assert_eq!(found, expected.lines().collect::<Vec<_>>());
    let log = lines(&commands, &["log: DATE  heartbeat"]);
    let none = "log: info: No local resources [/usr/share/heartbeat/ResourceManager listkeys delta] to acquire.";
    assert_eq!(log, [none]);
}

#[test]
fn a_failed_start_asks_for_one_standby_of_the_right_set() {
    demand();
    let commands = format!(
        "{GROUPS}
touch record
slow() {{ run \"$@\"; sleep 0.5; cat record; : > record; }}
echo 'case $verb in start) exit 1;; esac' | tee fault.A > fault.B
slow ResourceManager takegroup A::1
slow ResourceManager takegroup A::1
slow ResourceManager takegroup B
rm fault.A
slow ResourceManager takegroup A::1
echo 'case $verb in start) exit 1;; esac' > fault.A
slow ResourceManager givegroup A::1
slow ResourceManager takegroup A::1
"
    );
    let expected = "--- ResourceManager takegroup A::1
standby --delayed-standby 30 local
--- ResourceManager takegroup A::1
--- ResourceManager takegroup B
standby --delayed-standby 30 foreign
--- ResourceManager takegroup A::1
--- ResourceManager givegroup A::1
--- ResourceManager takegroup A::1
standby --delayed-standby 30 local";
    assert_eq!(lines(&commands, &["---", "standby"]), expected.lines().collect::<Vec<_>>());
}

#[test]
fn built_in_resources_come_last_and_addresses_found_are_announced() {
    demand();
    let commands = "
echo 'alpha 10.0.0.1/24 Inbuilt::x IPv6addr::2001:db8::1/64 Q::*' | file
slow() { run \"$@\"; sleep 0.5; sed 's/^/got: /' record; rm record; }
slow ResourceManager takegroup Inbuilt::x
slow ResourceManager takegroup Inbuilt::x
slow ResourceManager givegroup Inbuilt::x
";
    let found = lines(commands, &["---", "calls", "got"]);
    let expected = "--- ResourceManager takegroup Inbuilt::x
calls: IPaddr <10.0.0.1/24> <status>
calls: IPaddr <10.0.0.1/24> <start>
calls: IPv6addr <2001:db8::1/64> <status>
calls: IPv6addr <2001:db8::1/64> <start>
calls: Q <*> <status>
calls: Q <*> <start>
got: Inbuilt x status
got: Inbuilt x start
--- ResourceManager takegroup Inbuilt::x
calls: IPaddr <10.0.0.1/24> <status>
calls: IPv6addr <2001:db8::1/64> <status>
calls: Q <*> <status>
got: IPaddr 10.0.0.1/24 announce
got: Inbuilt x status
got: Inbuilt x start
--- ResourceManager givegroup Inbuilt::x
calls: Q <*> <stop>
calls: IPv6addr <2001:db8::1/64> <stop>
calls: IPaddr <10.0.0.1/24> <stop>
got: Inbuilt x stop";
    // The announcement runs in the background and may be recorded before or after its neighbours.
    let sorted = |mut lines: Vec<String>| {
        lines[9..16].sort();
        lines
    };
    assert_eq!(sorted(found), sorted(expected.lines().map(str::to_owned).collect()));
}

#[test]
fn statgroup_answers_on_standard_output_too() {
    demand();
    let commands = format!(
        "{GROUPS}
run ResourceManager statgroup C::4
run ResourceManager takegroup C::4
run ResourceManager statgroup C::4
rm state/C.3
run ResourceManager statgroup C::4
"
    );
    let expected = ["NONE", "debug: NONE", "ALL", "debug: ALL", "SOME", "debug: SOME"];
    assert_eq!(lines(&commands, &["NONE", "ALL", "SOME", "debug: NONE", "debug: ALL", "debug: SOME"]), expected);
}

#[test]
fn a_word_in_two_groups_means_the_first() {
    demand();
    let commands = "
printf 'alpha A::1 Q::s\\nbeta B Q::s\\nalpha Q::t\\n' | file
run ResourceManager takegroup Q::s
run ResourceManager givegroup Q::.
";
    let expected = "--- ResourceManager takegroup Q::s
exit 0
log: ERROR: Resource Q::s is in lines 1 and 2 of haresources: line 1 counts
log: info: Acquiring resource group: alpha A::1 Q::s
log: info: Running /etc/ha.d/resource.d/A 1 start
log: info: Running /etc/ha.d/resource.d/Q s start
calls: A <1> <status>
calls: A <1> <start>
calls: Q <s> <status>
calls: Q <s> <start>
--- ResourceManager givegroup Q::.
exit 0";
    assert_eq!(lines(commands, &["---", "exit", "log", "calls"]), expected.lines().collect::<Vec<_>>());
}

#[test]
fn a_full_disk_fails_no_script() {
    demand();
    let commands = "
echo 'alpha A::1' | file
mkdir full
mount -t tmpfs -o size=64k none full
export HA_DEBUGLOG=$T/full/debug
echo before > full/debug
dd if=/dev/zero of=full/rest bs=4k 2> /dev/null
echo '[ $verb = status ] || printf %5000s x || exit 9' > fault.A
run ResourceManager takegroup A::1
run ResourceManager givegroup A::1
cat full/debug
";
    let expected = "--- ResourceManager takegroup A::1
exit 0
calls: A <1> <status>
calls: A <1> <start>
--- ResourceManager givegroup A::1
exit 0
calls: A <1> <stop>
before";
    assert_eq!(lines(commands, &["---", "exit", "calls", "before"]), expected.lines().collect::<Vec<_>>());
}

#[test]
fn an_administrators_file_is_run_instead() {
    demand();
    let commands = format!(
        "{GROUPS}
cat > other <<'X'
#!/bin/sh
echo \"other $*\" >> $T/calls
case $1 in status) exit 3;; *keys) echo X::1 X::2;; esac
X
chmod +x other
mount --bind other /usr/share/heartbeat/ResourceManager
run mach_down beta
run jobs/give_up
run jobs/release local
cp other req; sed -i s/other/req/ req
mount --bind req /usr/share/heartbeat/req_resource
run jobs/req_our_resources
"
    );
    let expected = "--- mach_down beta
calls: other listkeys beta
calls: other takegroup X::1 X::2
--- jobs/give_up
calls: other allkeys
calls: other givegroup X::1
--- jobs/release local
calls: other ourkeys
calls: other givegroup X::1
--- jobs/req_our_resources
calls: other listkeys alpha
calls: req X::1 X::2";
    assert_eq!(lines(&commands, &["---", "calls"]), expected.lines().collect::<Vec<_>>());
}

#[test]
fn the_files_of_the_original_are_known() {
    demand();
    let stock = Stock::new(None);
    let share = ["ResourceManager", "req_resource", "mach_down", "hb_standby", "hb_takeover"];
    let paths = share.map(|name| format!("/usr/share/heartbeat/{name}"));
    for path in paths.iter().map(String::as_str).chain(["/etc/ha.d/harc", "/etc/ha.d/rc.d/status"]) {
        assert!(stock.is_ours_or_stock(Path::new(path)), "{path}");
    }
    assert!(!stock.is_ours_or_stock(Path::new("/usr/share/heartbeat/ha_propagate")));
}
