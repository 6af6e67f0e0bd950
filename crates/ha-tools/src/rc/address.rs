//! `ip-request` and `ip-request-resp`: a group changes hands at one node's request.
//!
//! Source: resource specification, sections 2.5 and 2.6.

use crate::call::Call;
use crate::environment::Environment;
use crate::{exit, messages, out};
use nix::unistd::{AccessFlags, access};
use resource_manager::backend::Backend;
use resource_manager::halog::HaLog;
use resource_manager::inject;
use std::process::Command;

/// A site's own program that runs before a group is given away.
const HOOK: &str = "local_giveip";

/// Gives the group to the node that asks, if it runs here, and answers.
pub(super) fn request(call: &Call, environment: &Environment) -> u8 {
    let key = environment.text("HA_ipaddr");
    let program = call.program();
    if key.is_empty() {
        let purpose = format!(
            "{program} will give up the specified IP address if we have it assigned to us.\n\
             Otherwise it will do nothing.\n"
        );
        return help(&purpose, call, environment);
    }
    let asking = environment.text("HA_src");
    if asking == environment.text("HA_CURHOST") {
        return exit::OK;
    }
    let backend = Backend::installed();
    let ours = backend.is_running(&key);
    if ours {
        hook(call, environment);
        backend.give(&key);
    }
    let answer = format!("{}-resp", environment.text("HA_t"));
    let we_own = if ours { "yes" } else { "no" };
    let fields = [("t", &*answer), ("dest", &*asking), ("ipaddr", &*key), ("weown", we_own), ("ok", "OK")];
    match inject::send(&fields) {
        Ok(()) => exit::OK,
        Err(error) => messages::failed(&program, &error),
    }
}

/// Takes the group if the answer is for us and says so.
pub(super) fn response(call: &Call, environment: &Environment) -> u8 {
    let key = environment.text("HA_ipaddr");
    if key.is_empty() {
        let purpose = format!(
            "{} will take control the specified resource group using {}.\n",
            call.program(),
            super::companion("ResourceManager")
        );
        return help(&purpose, call, environment);
    }
    if environment.text("HA_dest") != environment.text("HA_CURHOST") {
        return exit::OK;
    }
    let (ok, we_own) = (environment.text("HA_ok"), environment.text("HA_weown"));
    HaLog::from_env("ip-request-resp").log(&format!("received ip-request-resp {key} {ok} {we_own}"));
    if ok == "OK" { exit::status(Backend::installed().take(&key)) } else { exit::OK }
}

/// What a site wants to do first. Its exit status does not matter.
fn hook(call: &Call, environment: &Environment) {
    let path = environment.script(HOOK);
    if path.is_file() && access(&path, AccessFlags::X_OK).is_ok() {
        let _ = Command::new(path).args(&call.arguments).env_clear().envs(environment.all()).status();
    }
}

/// For whoever runs the script by hand.
fn help(purpose: &str, call: &Call, environment: &Environment) -> u8 {
    let words: Vec<_> = call.arguments.iter().map(|word| word.to_string_lossy()).collect();
    out::stdout(&format!(
        "{purpose}\n{} was invoked with these arguments:\n{}\nAnd this is the HA_ environment:\n{}",
        call.program(),
        words.join(" "),
        environment.shown()
    ));
    exit::FAILED
}
