//! A private machine for the programs: name spaces, mounts, scripts that record their calls.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const ORIGINAL: &str = "/usr/share/heartbeat/ResourceManager";

/// Builds the private machine in `$T` and then runs the commands in `$T.commands`. Shell, because it is mostly
/// mounts.
const MACHINE: &str = r#"
mount -t tmpfs none "$T"
cd "$T"
mkdir etc etc/resource.d init.d lib run state
cp -a /etc/ha.d/harc /etc/ha.d/shellfuncs /etc/ha.d/rc.d etc/
cat > script <<'X'
#!/bin/bash
name=$(basename "$0")
verb=${*: -1}
call="$name$(printf ' <%s>' "$@")"
echo "$call" >> "$T/calls"
rest="${*:1:$#-1}"
state="$T/state/$name.${rest//\//_}"
echo "output of $call"
[ -f "$T/fault.$name" ] && . "$T/fault.$name"
case $verb in
status) if [ -e "$state" ]; then echo running; else echo stopped; fi ;;
start) : > "$state" ;;
stop) rm -f "$state" ;;
esac
exit 0
X
chmod +x script
for name in A B C Q IPaddr IPaddr2 IPv6addr; do cp script etc/resource.d/$name; done
cp script init.d/A; cp script init.d/labinit
printf x > etc/resource.d/plain
printf '#!/bin/sh\necho "$0 $*" >> "$T/calls"\nexit $(cat "$T/reboot-code" 2>/dev/null || echo 0)\n' > reboot
chmod +x reboot
cp reboot init
mount --bind etc /etc/ha.d
mount --bind init.d /etc/init.d
mount --bind lib /var/lib/heartbeat
mount -t tmpfs none /run/heartbeat
# Where these are links, what they lead to is hidden: the recorders must be found under both names.
mount --bind reboot /sbin/reboot
mount --bind init /sbin/init
mkfifo lib/fifo
exec 9<> lib/fifo
if [ -n "$OURS" ]; then
    for name in ResourceManager req_resource mach_down; do mount --bind "$OURS" /usr/share/heartbeat/$name; done
    mkdir jobs
    for name in req_our_resources give_up acquire release; do ln -s "$OURS" jobs/$name; done
fi
export RECORD=$T/record HA_CURHOST=alpha
export HA_DEBUGLOG=$T/debug HA_LOGFILE=$T/log HA_DATEFMT='DATE ' HA_STOPRETRYMAX=1 HA_debug=1
unset HA_FIFO HA_LOGFACILITY HA_LOGD HA_DIR HA_RESOURCEDIR
PATH=/usr/share/heartbeat:$PATH
file() { cat > /etc/ha.d/haresources; }
run() {
    echo "--- $*"
    "$@" < /dev/null 2> errors
    echo "exit $?"
    sed 's/^/stderr: /' errors
    for from in debug log calls; do
        [ -e $from ] && sed "s/^/$from: /" $from
        rm -f $from
    done
    dd if=/dev/fd/9 iflag=nonblock bs=64k 2> /dev/null | sed 's/^/message: /'
}
. "$T.commands"
"#;

/// Runs commands in a new machine, with our programs or the original's.
pub(crate) fn run(commands: &str, ours: bool) -> String {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("t");
    fs::create_dir(&root).unwrap();
    fs::write(directory.path().join("t.commands"), commands).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "-p", "-f", "--mount-proc", "--propagation", "private", "bash", "-c", MACHINE]);
    command.env("T", &root).env("LC_ALL", "C").env("OURS", if ours { program() } else { PathBuf::new() });
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = String::from_utf8_lossy(&output.stdout).replace(root.to_str().unwrap(), "T");
    let machine: String = errors.lines().filter(|line| !line.contains("Killed")).collect();
    assert!(machine.is_empty(), "{errors}\n{text}");
    normal(&text)
}

/// What our lines say where we do better than the original.
const BETTER: [&str; 1] = ["failed to start again on this node; it stays stopped"];

/// Without process ids, without what the original's shell says about scripts that are not there or killed, and without
/// [`BETTER`].
fn normal(text: &str) -> String {
    let mut result = String::new();
    let same = |line: &&str| {
        !line.ends_with(": status: not found")
            && *line != "debug: Killed"
            && !BETTER.iter().any(|end| line.ends_with(end))
    };
    for line in text.lines().filter(same) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("(default)[") {
            let _ = write!(result, "{before}(default)[N");
            rest = after.trim_start_matches(|char: char| char.is_ascii_digit());
        }
        let _ = writeln!(result, "{rest}");
    }
    result
}

fn program() -> PathBuf {
    // target/debug/deps/originals-HASH: examples are next to deps.
    let own = env::current_exe().unwrap();
    let path = own.parent().and_then(Path::parent).unwrap().join("examples/resource_programs");
    assert!(path.exists(), "{} is missing: cargo build --examples", path.display());
    path
}

/// There must be something to compare with, and somebody who may.
pub(crate) fn demand() {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let demand = root && Path::new(ORIGINAL).exists();
    assert!(demand, "needs root and {ORIGINAL} (scripts/setup installs it)");
}
