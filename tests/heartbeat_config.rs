//! What the original heartbeat said to hundreds of configurations, and what ours says to them: the same, to the letter.
//!
//! Format and machine are described in `compat-fixtures/heartbeat/config/README.md`. The files are judged on a machine
//! made of tables, which answers as the one did on which the cases were recorded.
#![cfg(test)]

use ha_config::evaluate::{self, Evaluation, Files, LogChange, Options, Source};
use ha_config::machine::{PathKind, User};
use ha_config::scripted::{Interface, Scripted};
use heartbeat::config::load::{Told, told};
use heartbeat::config::print;
use heartbeat::config::text::{self, Channel, TextLine, Wording};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use testkit::heartbeat_config::{Case, Expected, Placed, format, world};
use testkit::paths::project_root;

/// The texts that 3.0.6 prints without reason or line end in front of other messages; listed in the README.
const NOISE: [&str; 2] = [
    "heartbeat: udpport setting must precede media statements",
    "heartbeat: baudrate setting must precede media statements",
];

/// All cases of all files.
fn cases() -> Vec<(String, Case)> {
    let mut all = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(project_root().join("compat-fixtures/heartbeat/config"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cases"))
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        all.extend(format::read(&path).unwrap().cases.into_iter().map(|case| (name.clone(), case)));
    }
    all
}

/// The machine of the recordings.
fn machine(case: &Case, placed: &[Placed]) -> Scripted {
    let mut machine = Scripted { root: case.user.is_none(), ..Scripted::default() };
    let content = |path: &str| placed.iter().find(|file| file.path == path).map(|file| file.content.as_str());
    let nodeinfo = content("nodeinfo").and_then(|text| text.split_once('\n')).map(|(first, _)| first.trim());
    let uname = case.uname.as_deref().unwrap_or("node1");
    machine.node = nodeinfo.filter(|name| !name.is_empty()).unwrap_or(uname).to_lowercase();
    let eth0 = Some(([10, 9, 0, 1].into(), [10, 9, 0, 255].into()));
    let lo = Some(([127, 0, 0, 1].into(), [0, 0, 0, 0].into()));
    for (name, index, address) in [("lo", 1, lo), ("eth0", 10, eth0), ("peer0", 11, None), ("eth1", 12, None)] {
        machine.interfaces.insert(name.to_owned(), Interface { index, address });
    }
    // Short forms that the resolver takes for addresses.
    machine.hosts.insert("10.9".to_owned(), [10, 0, 0, 9].into());
    machine.hosts.insert("1".to_owned(), [0, 0, 0, 1].into());
    for line in world::HOSTS.lines() {
        let mut words = line.split(' ');
        if let Ok(address) = words.next().unwrap().parse() {
            machine.hosts.extend(words.map(|name| (name.to_owned(), address)));
        }
    }
    for line in world::PASSWD.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let user = User { uid: fields[2].parse().unwrap(), gid: fields[3].parse().unwrap() };
        machine.users.insert(fields[0].to_owned(), user);
    }
    for line in world::GROUP.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        machine.groups.insert(fields[0].to_owned(), fields[2].parse().unwrap());
    }
    for line in world::SERVICES.lines().filter(|line| line.ends_with("/udp")) {
        let (name, port) = line.trim_end_matches("/udp").split_once(' ').unwrap();
        machine.services.insert(name.to_owned(), port.parse().unwrap());
    }
    for (path, kind) in
        [("/dev/null", PathKind::Device), ("/dev/zero", PathKind::Device), ("/etc/hosts", PathKind::Other)]
    {
        machine.paths.insert(path.to_owned(), kind);
    }
    let programs = ["/bin/true", "/bin/sleep", "/usr", "/usr/libexec/heartbeat/ccm", "/usr/libexec/heartbeat/ipfail"];
    machine.executables = programs.map(str::to_owned).into();
    machine.stonith_types = ["null", "meatware", "external/ssh"].map(str::to_owned).into();
    let absolute = placed.iter().filter(|file| file.path.starts_with("/run"));
    machine.stonith_files = absolute.map(|file| (file.path.clone(), file.content.clone())).collect();
    machine.core_files.pattern = content("/proc/sys/kernel/core_pattern").unwrap_or("core\n").trim_end().to_owned();
    machine.core_files.uses_pid = content("/proc/sys/kernel/core_uses_pid") != Some("0\n");
    machine
}

/// What ours does with a case; with or without the lines that the original does not have.
fn ours(case: &Case, with_additions: bool) -> Expected {
    let placed = case.placed();
    let file = |name: &str| placed.iter().find(|file| file.path == name);
    let source = |name: &str| match file(name) {
        Some(file) if case.user.is_some() && file.mode & 0o004 == 0 => Source::Missing { denied: true },
        Some(file) => Source::Content(file.content.as_bytes()),
        None => Source::Missing { denied: false },
    };
    let files = Files {
        ha_cf: source("ha.cf"),
        authkeys: source("authkeys"),
        authkeys_mode: file("authkeys").map_or(0, |file| file.mode),
        haresources: source("haresources"),
    };
    let option = |option: &str| case.args.iter().any(|argument| argument == option);
    if option("-D") || option("-WD") {
        return Expected { stdout: print::directives(option("-W") || option("-WD")), ..Expected::default() };
    }
    let options = Options { manages_resources: !option("-M") };
    let result = evaluate::evaluate(&files, options, &machine(case, &placed));
    let mut log = Log { new_format: true, ..Log::default() };
    let wording = Wording { program: "heartbeat", directory: Path::new("/etc/ha.d") };
    for step in told(&result.steps, &wording, !option("-r")) {
        match step {
            Told::Line(line) if line.ours && !with_additions => {}
            Told::Line(line) => log.line(&line),
            Told::Log(change) => log.change(change),
        }
    }
    let verbose = result.config.as_ref().filter(|_| option("-v")).map(print::effective).unwrap_or_default();
    let exit = log.last_words(&result, option("-r"));
    let logs = log.files.into_iter().filter(|(path, text)| path.starts_with("/var/log/") && !text.is_empty());
    Expected { exit, stdout: verbose, stderr: log.terminal, logs: logs.collect() }
}

/// The log and the terminal, with beginnings of lines as in the cases.
#[derive(Default)]
struct Log {
    terminal: String,
    files: BTreeMap<String, String>,
    logfile: Option<String>,
    debugfile: Option<String>,
    new_format: bool,
}

impl Log {
    fn line(&mut self, line: &TextLine) {
        match line.channel {
            Channel::Raw => {
                let _ = writeln!(self.terminal, "{}", line.text);
            }
            Channel::Log => self.say(&format!("{}: {}", line.severity, line.text)),
        }
    }

    fn say(&mut self, text: &str) {
        let line = format!("{}{text}\n", if self.new_format { '@' } else { '%' });
        self.terminal.push_str(&line);
        for path in [&self.logfile, &self.debugfile].into_iter().flatten() {
            self.files.entry(path.clone()).or_default().push_str(&line);
        }
    }

    fn change(&mut self, change: LogChange) {
        // The daemon was started there.
        let path = |path: std::path::PathBuf| Some(Path::new("/var/log").join(path).to_str().unwrap().to_owned());
        match change {
            LogChange::LogFile(file) => self.logfile = path(file),
            LogChange::DebugFile(file) => self.debugfile = path(file),
            LogChange::SyslogFormat(on) => self.new_format = on,
            LogChange::Facility(_) | LogChange::Debug(_) | LogChange::Logd(_) => {}
        }
    }

    /// What the start or the reload says at the end; the exit status.
    fn last_words(&mut self, result: &Evaluation, reload: bool) -> i32 {
        match (result.config.is_some(), reload) {
            (true, true) => {
                self.say("info: Signalling heartbeat pid 1 to reread config files");
                0
            }
            (false, true) => {
                self.say(&format!("info: {}", text::not_reloaded(1)));
                1
            }
            (true, false) => {
                self.say("info: heartbeat: already running [pid 1].");
                0
            }
            (false, false) => {
                self.say(&format!("ERROR: {}", text::NOT_STARTED));
                i32::from(result.exit)
            }
        }
    }
}

/// The recorded text without the noise: it always stands directly before something else.
fn without_noise(text: &str) -> String {
    let mut text = text.to_owned();
    for noise in NOISE {
        text = text.split(noise).fold(String::new(), |mut all, part| {
            // Ours has a line end behind it; that is no noise.
            if part.starts_with('\n') {
                all.push_str(noise);
            }
            all.push_str(part);
            all
        });
    }
    text
}

fn as_content(key: &str, value: &str) -> String {
    let lines = value.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(full) => format!("|{full}\n"),
        None => format!("\\{line}\n"),
    });
    format!("{key}\n{}", lines.collect::<String>())
}

#[test]
fn every_recorded_configuration_gets_the_same_words_and_status() {
    let mut wrong = String::new();
    for (file, case) in cases() {
        let expected = case.expected_of_ours().unwrap_or_else(|| panic!("{file}: {} was never recorded", case.name));
        let deviating = case.deviation.as_ref().is_some_and(|deviation| deviation.stderr.is_some());
        let found = ours(&case, deviating);
        let stderr = if deviating { expected.stderr.clone() } else { without_noise(&expected.stderr) };
        let (same_exit, same_stderr) = (found.exit == expected.exit, found.stderr == stderr);
        let same_stdout = found.stdout == expected.stdout || case.deviation.is_some();
        if !(same_exit && same_stderr && same_stdout && found.logs == expected.logs) {
            let _ = writeln!(wrong, "{file}:{}: case {}", case.line, case.name);
            let _ = write!(wrong, "expected-exit {}\n{}", expected.exit, as_content("expected-stderr", &stderr));
            let full = ours(&case, true);
            let _ = write!(wrong, "ours-exit {}\n{}", full.exit, as_content("ours-stderr", &full.stderr));
            if !same_stdout {
                let _ = write!(wrong, "{}", as_content("ours-stdout", &found.stdout));
            }
            for (path, text) in found.logs.iter().filter(|log| !expected.logs.contains(log)) {
                let _ = write!(wrong, "{}", as_content(&format!("ours-log {path}"), text));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_value_is_refused_without_a_word() {
    for (file, case) in cases() {
        let found = ours(&case, true);
        let first = found.stderr.lines().next().unwrap_or_default();
        assert!(!first.contains("Heartbeat not started"), "{file}: {}: refused without a reason", case.name);
    }
}

#[test]
fn every_difference_is_explained_and_every_explanation_used() {
    let readme = fs::read_to_string(project_root().join("compat-fixtures/heartbeat/config/README.md")).unwrap();
    let (_, table) = readme.split_once("## Differences").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let explained: Vec<&str> = rows.map(|(name, _)| name).collect();
    let used: Vec<String> = cases().into_iter().filter_map(|(_, case)| Some(case.deviation?.name)).collect();
    for name in &used {
        assert!(explained.contains(&name.as_str()), "{name} is not in the README's table");
    }
    for name in explained {
        assert!(used.iter().any(|used| used == name), "{name} is in no case");
    }
}

#[test]
fn there_are_enough_cases() {
    assert!(cases().len() >= 900, "some got lost: {}", cases().len());
}
