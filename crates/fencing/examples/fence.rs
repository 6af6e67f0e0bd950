//! A device at work without a cluster, for the tests: `check TYPE PARAMETERS` prints the device for the environment,
//! `fence NODE` and `status` use the one that is there, `meatclient ARGUMENTS` is the operator's side.

use fencing::{Device, Parameters, Places, Severity};
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let places = Places::from_environment();
    let mut log = |severity: Severity, text: &str| {
        let _ = writeln!(io::stderr(), "{severity}: {text}");
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let status = match words.as_slice() {
        ["check", kind, parameters @ ..] => {
            let parameters = Parameters::Line(parameters.join(" "));
            let device =
                Device { kind: (*kind).to_owned(), parameters, host: Some("*".to_owned()), node: "alpha".to_owned() };
            match fencing::check(&device, &places, &mut log) {
                Ok(device) => i32::from(writeln!(io::stdout(), "{}", device.encode()).is_err()),
                Err(problem) => {
                    log(Severity::Error, &problem.to_string());
                    6
                }
            }
        }
        ["meatclient", ..] => fencing::meatclient::main(arguments.get(1..).unwrap_or_default()),
        [job @ ("fence" | "status"), rest @ ..] => match (Device::from_environment(), *job, rest) {
            (Ok(device), "fence", [node]) => fencing::job_fence(&device, node, &places, &mut log),
            (Ok(device), "status", []) => fencing::job_status(&device, &places, &mut log),
            (Err(problem), ..) => {
                log(Severity::Error, &problem.to_string());
                fencing::FAILED
            }
            _ => 2,
        },
        _ => 2,
    };
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}
