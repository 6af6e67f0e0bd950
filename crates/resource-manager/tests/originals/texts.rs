//! Many texts of `haresources`, made by a generator with a fixed seed: spacing, case, comments, continued lines,
//! addresses, empty arguments. Left out is what the original gets wrong: a word in two lines, and characters that it
//! takes for patterns.

use crate::compare;
use std::fmt::Write as _;

/// How many texts.
const TEXTS: usize = 12;

/// Numbers that look random and are the same each time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A resource word that no other has, as `number` is in it.
fn word(numbers: &mut Numbers, number: usize) -> String {
    let script = numbers.one(&["A", "B", "C", "Q", "labinit"]);
    match numbers.below(10) {
        0 => format!("10.0.{number}.{}/24/eth0", numbers.below(255)),
        1 => format!("IPaddr2::10.1.{number}.1/24/eth0/10.1.{number}.255"),
        2 => format!("{script}::{number}::::b"),
        3 => format!("{script}::::x{number}::"),
        4 => format!("{script}::/dev/vg/{number}::/mnt::ext3"),
        5 => format!("{number}.2.3.4::z{number}"),
        6 => format!("IPv6addr::2001:db8:0:0:0:0:0:{number}/64"),
        _ => format!("{script}::a{number}"),
    }
}

/// A text, and all words in it.
fn text(numbers: &mut Numbers) -> (String, Vec<String>) {
    let (mut text, mut words) = (String::new(), Vec::new());
    for _ in 0..=numbers.below(4) {
        let before = numbers.one(&["", "", "# a comment \\\n", "\n", " \t\n", "#\n"]);
        let node = numbers.one(&["alpha", "beta", "Gamma", "ALPHA", "delta.example.com"]);
        let _ = write!(text, "{before}{}{node}", numbers.one(&["", "", " ", "\t"]));
        let mut continued = false;
        for _ in 0..=numbers.below(4) {
            let word = word(numbers, words.len() + 1);
            let between = numbers.one(&[" ", " ", "\t", "   ", " \\\n", " \\\n\t", " \\\n  \\\n "]);
            let _ = write!(text, "{between}{word}");
            continued |= between.contains('\\');
            words.push(word);
        }
        // A comment behind a continued line is what the original takes for resources.
        let end = if continued { "\n" } else { " # end\n" };
        text.push_str(numbers.one(&["\n", " \n", end]));
    }
    (text, words)
}

#[test]
fn generated_texts_mean_the_same() {
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    let mut commands = String::new();
    for _ in 0..TEXTS {
        let (text, words) = text(&mut numbers);
        let _ = write!(commands, "file <<'X'\n{text}X\ncat /etc/ha.d/haresources\n");
        let node = numbers.one(&["alpha", "BETA", "gamma", "delta.example.com"]);
        let _ = writeln!(commands, "run ResourceManager allkeys\nrun ResourceManager listkeys {node}");
        let _ = writeln!(commands, "run ResourceManager ourkeys\nrun ResourceManager otherkeys");
        for verb in ["takegroup", "status", "takegroup", "givegroup"] {
            let word = &words[numbers.below(words.len())];
            let _ = writeln!(commands, "run ResourceManager {verb} {word}");
        }
    }
    compare(&commands);
}
