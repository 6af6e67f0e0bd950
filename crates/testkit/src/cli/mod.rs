//! The command line of `lvs-lab`.

mod agent;
pub mod host;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// Real-kernel tests of this project: recorded cases and comparisons with the originals, inside a user-mode kernel.
#[derive(Debug, Parser)]
#[command(name = "lvs-lab", version)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run the recorded cases of ipvsadm. Ends with 0 only if all ran and every byte was right.
    Cases(Cases),
    /// Run random command lines by two programs in lockstep. Ends with 0 only if they never differed.
    Diff(Diff),
    /// Let the original run the cases of some files again and write down what it does.
    Record {
        /// The files; blocks may end after `run`, the rest is added.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Run the checks on the real kernel that are no single command lines.
    Checks(Cases),
    /// Print random command lines without running them.
    Lines {
        /// The seed.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many lines, in sequences of 50.
        #[arg(long, default_value_t = 50)]
        count: usize,
    },
    /// What runs inside the kernel.
    #[command(hide = true, subcommand)]
    Agent(Agent),
}

#[derive(Debug, Subcommand)]
enum Agent {
    Cases(Cases),
    Diff(Diff),
    Record { files: Vec<PathBuf> },
    Checks(Cases),
}

/// Which cases to run, by which program.
#[derive(Debug, Clone, Default, Args)]
pub struct Cases {
    /// The program that takes the place of ipvsadm; the original itself if absent.
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Where ipvsadm-save and ipvsadm-restore come from; the original's if absent.
    #[arg(long)]
    pub scripts: Option<PathBuf>,
    /// Expect the recorded bytes even where we differ on purpose. Always so for the original.
    #[arg(long)]
    pub recorded: bool,
    /// Run only the cases whose names contain this; may be repeated.
    #[arg(long)]
    pub only: Vec<String>,
}

/// What to compare.
#[derive(Debug, Clone, Args)]
pub struct Diff {
    /// The seed of the lines.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many command lines, rounded up to sequences of 50.
    #[arg(long, default_value_t = 500)]
    pub count: usize,
    /// Index of the first sequence.
    #[arg(long, default_value_t = 0)]
    pub first: u64,
    /// The program that is right; the original if absent.
    #[arg(long)]
    pub program_a: Option<PathBuf>,
    /// The program that must do the same; the original if absent.
    #[arg(long)]
    pub program_b: Option<PathBuf>,
    /// Hide netlink, so that both programs use the socket options of old kernels.
    #[arg(long)]
    pub legacy: bool,
    /// Look for the shortest history that shows a difference.
    #[arg(long)]
    pub minimize: bool,
    /// End after this many differences.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
}

impl Default for Diff {
    fn default() -> Self {
        Self {
            seed: 1,
            count: 500,
            first: 0,
            program_a: None,
            program_b: None,
            legacy: false,
            minimize: false,
            limit: 20,
        }
    }
}

impl Command {
    /// Does it; the result is the exit status: 0 as wanted, 1 differences, 70 the lab failed.
    ///
    /// # Errors
    ///
    /// Wrong files or a machine that does not work.
    pub fn run(self) -> Result<u8> {
        match self.action {
            Action::Cases(cases) => host::shown(&host::cases(&cases)?),
            Action::Checks(cases) => host::shown(&host::checks(&cases)?),
            Action::Diff(diff) => host::shown(&host::diff(&diff)?),
            Action::Record { files } => host::record(&files),
            Action::Lines { seed, count } => agent::lines(seed, count),
            Action::Agent(Agent::Cases(cases)) => agent::cases(&cases),
            Action::Agent(Agent::Checks(cases)) => agent::checks(&cases),
            Action::Agent(Agent::Diff(diff)) => agent::diff(&diff),
            Action::Agent(Agent::Record { files }) => agent::record(&files),
        }
    }
}
