//! Writes a file of cases, in the one order and spacing that the fixtures use.

use super::{Case, CaseFile};

/// The text of a file; reading and writing a fixture gives the same bytes.
pub fn render(file: &CaseFile) -> String {
    let mut out = Lines(file.head.clone());
    for case in &file.cases {
        out.0.push(String::new());
        out.case(case);
    }
    let mut text = out.0.join("\n");
    text.push('\n');
    text
}

struct Lines(Vec<String>);

impl Lines {
    fn pair(&mut self, key: &str, value: &str) {
        self.0.push(format!("{key} {value}"));
    }

    fn content(&mut self, key: &str, text: &str) {
        self.0.push(key.to_owned());
        for line in text.split_inclusive('\n') {
            self.0.push(match line.strip_suffix('\n') {
                Some(full) => format!("|{full}"),
                None => format!("\\{line}"),
            });
        }
    }

    fn maybe(&mut self, key: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.content(key, text);
        }
    }

    fn case(&mut self, case: &Case) {
        self.pair("case", &case.name);
        self.0.extend(case.notes.iter().cloned());
        case.tags.iter().for_each(|tag| self.pair("tag", tag));
        case.setup.iter().for_each(|command| self.pair("setup", command));
        self.maybe("stdin", case.stdin.as_ref());
        self.maybe("connfile", case.connfile.as_ref());
        if let Some(counters) = &case.inject {
            let numbers: Vec<_> = counters.iter().map(u64::to_string).collect();
            self.pair("inject", &numbers.join(","));
        }
        self.pair("run", &case.run);
        self.pair("exit", &case.recorded.exit.to_string());
        self.content("stdout", &case.recorded.stdout);
        self.content("stderr", &case.recorded.stderr);
        if let Some(command) = &case.after {
            self.pair("after", command);
            self.content("stdout", &case.recorded.after);
        }
        if let Some(deviation) = &case.deviation {
            self.pair("deviation", &deviation.name);
            if let Some(exit) = deviation.exit {
                self.pair("ours-exit", &exit.to_string());
            }
            self.maybe("ours-stdout", deviation.stdout.as_ref());
            self.maybe("ours-stderr", deviation.stderr.as_ref());
            self.maybe("ours-after", deviation.after.as_ref());
        }
        self.0.push("end".to_owned());
    }
}
