//! The resource scripts as a program, for tests: its own name, or else its first argument, says which.

use std::ffi::OsString;
use std::path::Path;

fn main() -> std::process::ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let own = words.first().and_then(|own| Path::new(own).file_name()).map(|name| name.to_string_lossy().into_owned());
    let name = match own.filter(|own| resource_agents::NAMES.contains(&own.as_str())) {
        Some(own) => own,
        None if words.len() > 1 => words.remove(1).to_string_lossy().into_owned(),
        None => String::new(),
    };
    if name == "announce" {
        let resource = words.get(1).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let announced = resource_agents::announce(&resource, words.get(2..).unwrap_or_default());
        return if announced { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE };
    }
    let status = resource_agents::run(&name, words.get(1..).unwrap_or_default());
    std::process::ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX))
}
