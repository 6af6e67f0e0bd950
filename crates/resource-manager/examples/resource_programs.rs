//! The three programs of this crate in one, told apart by the name they are called by. For the comparison with the
//! original's; what is shipped calls the same functions.
//!
//! It has one built-in resource, `Inbuilt`, which like its delayed standby only adds a line to the file `RECORD`.

use resource_manager::lookup::{self, Builtins};
use resource_manager::{jobs, mach_down, manager, req_resource};
use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = env::args_os();
    let called = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    let builtins = Builtins { program: env::current_exe().unwrap_or_default(), names: &["Inbuilt", "IPaddr"] };
    lookup::install(builtins);
    let name = Path::new(&called).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let set = |word: &str| match word {
        "local" => jobs::Set::Local,
        "foreign" => jobs::Set::Foreign,
        _ => jobs::Set::All,
    };
    let word = |place: usize| rest.get(place).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let code = match name.as_str() {
        _ if word(0) == "--delayed-standby" => record("standby", &rest),
        "ResourceManager" => manager::main(&rest),
        "req_resource" => req_resource::main(&rest),
        "mach_down" => mach_down::main(&rest),
        "req_our_resources" => jobs::req_our_resources(),
        "give_up" => jobs::give_up(),
        "acquire" => {
            jobs::standby(true, set(&word(0)), rest.get(1).map(|_| vec![word(1)]).as_deref().unwrap_or_default())
        }
        "release" => jobs::standby(false, set(&word(0)), &[]),
        other => record(other, &rest),
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

/// Adds the call to the record.
fn record(name: &str, arguments: &[OsString]) -> i32 {
    let Some(path) = env::var_os("RECORD") else { return 1 };
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let written = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(format!("{name} {}\n", words.join(" ")).as_bytes()));
    i32::from(written.is_err())
}
