//! The same calls to the original's programs and to ours must give the same output, exit status, script calls, log
//! lines and messages.
//!
//! Both run in name spaces of their own, with private `/etc/ha.d`, `/etc/init.d` and `/var/lib/heartbeat`, and scripts
//! that record their calls. Needs root and Debian's package heartbeat; says so and compares nothing without them.
//! What only we have is tried in the same machines by [`ours`].

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, also in helpers"
)]

mod machine;
mod ours;
mod texts;

use machine::{demand, run};

fn compare(commands: &str) {
    demand();
    let (theirs, ours) = (run(commands, false), run(commands, true));
    if theirs != ours {
        let differing = theirs.lines().zip(ours.lines()).position(|(a, b)| a != b);
        let at = differing.unwrap_or_else(|| theirs.lines().count().min(ours.lines().count()));
        let near = |text: &str| {
            let lines = text.lines().skip(at.saturating_sub(15)).take(25);
            lines.fold(String::new(), |text, line| format!("{text}{line}\n"))
        };
        panic!("line {at}\ntheirs:\n{}\nours:\n{}", near(&theirs), near(&ours));
    }
    assert!(theirs.lines().filter(|line| line.starts_with("--- ")).count() >= 3, "{theirs}");
}

#[test]
fn lists() {
    compare(
        r"
file <<'X'
# comment \
Alpha Q::a Q::b::c labinit # more
  Beta	192.168.7.110   A	B::x
gamma
beta C::1 \
 A::2
	delta Q::4
X
for verb in allkeys ourkeys otherkeys 'listkeys alpha' 'listkeys BETA' 'listkeys .*' 'listkeys al' 'listkeys' \
    'listkeys [ab].*' 'listkeys gamma' 'listkeys al+pha' 'listkeys gamma|delta' 'foo' '' 'listkeys nobody'; do
    run ResourceManager $verb
done
HA_CURHOST=BETA run ResourceManager ourkeys
HA_CURHOST=BETA run ResourceManager otherkeys
HA_CURHOST= run ResourceManager ourkeys
HA_CURHOST= run ResourceManager otherkeys
: > /etc/ha.d/haresources
run ResourceManager allkeys
rm /etc/ha.d/haresources
run ResourceManager allkeys
run ResourceManager givegroup Q::a
run ResourceManager verifyallidle
",
    );
}

#[test]
fn groups_are_taken_and_given() {
    compare(
        r"
file <<'X'
alpha Q::a Q::b::c labinit
beta 192.168.7.110/24/eth0 A B::x
beta C::1 IPaddr2::10.0.0.1/24/eth0/10.0.0.255
X
for key in Q::a Q::a labinit A 192.168.7.110/24/eth0 C::1 B::x Q::b nope '' Q::b::c; do
    run ResourceManager takegroup $key
    run ResourceManager status $key
done
run ResourceManager verifyallidle
run ResourceManager givegroup 'Q::a'
run ResourceManager givegroup Q::a Q::b::c labinit
run ResourceManager givegroup labinit Q::a
run ResourceManager givegroup B::x
HA_debug=0 run ResourceManager givegroup C::1
HA_DEBUGLOG= run ResourceManager takegroup C::1
HA_RESOURCEDIR=/etc/ha.d//resource.d run ResourceManager takegroup A
HA_DIR=/etc/ha.d/ run ResourceManager givegroup A
run ResourceManager verifyallidle
",
    );
}

#[test]
fn words_become_calls() {
    compare(
        r"
file <<'X'
alpha 1a.2b.3c.4d
alpha 1.2.3.4::x
alpha Q::a::::b::
alpha Q::[x]
alpha C Q::c C
alpha 1.2.3
alpha 1.2..3.4::5::6
alpha IPv6addr::2001:db8:0:0:0:0:0:1/64
alpha plain
alpha A::x/../y
X
for key in 1a.2b.3c.4d 1.2.3.4::x Q::a::::b:: C 1.2..3.4::5::6 IPv6addr::2001:db8:0:0:0:0:0:1/64 A::x/../y; do
    run ResourceManager takegroup $key
    run ResourceManager takegroup $key
    run ResourceManager givegroup $key
done
run ResourceManager takegroup 1.2.3
run ResourceManager status 1.2.3
run ResourceManager givegroup plain
run ResourceManager status
run ResourceManager status A::x more
",
    );
}

#[test]
fn status_texts() {
    compare(
        r#"
echo 'alpha Q::a B' | file
i=0
for text in running Running RUNNING OK ok 'not running' 'NOT running' 'Not Running' 'NOT RUNNING' 'not  running' '' \
    'is stopped but OK' 'dead but pid file exists' 'cannot, running' 'not running OK' 'Active: active (running)' \
    'running and not running' 'notrunning' 'cannot Running'; do
    for code in 0 7; do
        printf 'case $verb in status) echo "%s"; exit %s;; esac' "$text" $code > fault.Q
        sed -i 's/^echo "output/: "output/' etc/resource.d/Q
        run ResourceManager status Q::a
        run ResourceManager takegroup Q::a
    done
done
printf 'case $verb in status) echo stopped; echo running >&2; exit 0;; esac' > fault.Q
run ResourceManager takegroup Q::a
"#,
    );
}

#[test]
fn failures() {
    compare(
        r#"
file <<'X'
alpha Q::a A::1 nosuch B
beta C B::x
alpha Q::1 C::2 labinit
X
run ResourceManager takegroup Q::a
printf 'case $verb in start) exit 4;; esac' > fault.A
run ResourceManager takegroup Q::a
printf 'case $verb in stop) echo bad >&2; exit 4;; esac' > fault.B
run ResourceManager givegroup C
printf 'case $verb in start) kill -9 $$;; esac' > fault.C
run ResourceManager takegroup Q::1
printf 'case $verb in start|stop) exit 3;; esac' > fault.C
run ResourceManager takegroup Q::1
run ResourceManager takegroup C
HA_STOPRETRYMAX=2 run ResourceManager givegroup Q::1
rm fault.C
printf 'case $verb in stop) exit 9;; status) echo running; exit 0;; esac' > fault.B
cp /bin/sleep heartbeat; cp /bin/sleep bystander
./heartbeat 1000 & hb=$!
./bystander 1000 & by=$!
run ResourceManager givegroup C
kill -0 $hb 2> /dev/null && echo heartbeat lives; kill -0 $by && echo bystander lives
disown -a; kill $by
echo 1 > reboot-code
run ResourceManager givegroup C
rm fault.B
run ResourceManager givegroup C
"#,
    );
}

#[test]
fn requests_and_deaths() {
    compare(
        r"
file <<'X'
alpha Q::a Q::b::c labinit
beta C B::x
beta A
X
HA_NICEFAILBACK=yes run req_resource Q::a
HA_NICEFAILBACK=Yes run req_resource Q::a
HA_DONTASK=yes run req_resource Q::a
HA_DONTASK=no run req_resource Q::a
HA_debug=0 run req_resource Q::a
HA_debug= run req_resource Q::a
run req_resource nosuch
run ResourceManager takegroup Q::a
HA_NICEFAILBACK=yes run req_resource Q::a
run mach_down alpha
run mach_down Beta
HA_NICEFAILBACK=yes run mach_down BETA
HA_NICEFAILBACK=Yes run mach_down beta
HA_NICEFAILBACK=YES run mach_down beta
HA_info=xpingx run mach_down beta
HA_NICEFAILBACK=yes run mach_down nobody
HA_NICEFAILBACK=yes run mach_down
run mach_down beta alpha
",
    );
}
