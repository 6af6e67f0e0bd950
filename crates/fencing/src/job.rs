//! What the daemon and its jobs do with a device, with the original's log lines.

use crate::command::Reset;
use crate::device::{Device, Parameters};
use crate::places::Places;
use crate::plugin::{self, Plugin};
use crate::{Problem, Severity, Sink};

/// Exit status of a job: the node was reset, or the device works.
pub const RESET: i32 = 0;
/// Exit status of a job: it failed.
pub const FAILED: i32 = 1;
/// Exit status of a job: the device cannot reset this host (`result=badhost`).
pub const BAD_HOST: i32 = 100;

/// At the daemon's start: asks the plugin for the names of its parameters, gives them their values, and asks for the
/// device's status. Returns the device for the jobs, which then need not ask again.
///
/// A device that does not work is no reason not to start: the plugin's lines are in the log, and the original starts.
///
/// # Errors
/// The device cannot be used; the daemon must not start. Further lines may be in the log already.
pub fn check(device: &Device, places: &Places, log: Sink<'_>) -> Result<Device, Problem> {
    let device = plugin::named(device, places, log)?;
    ready(&device, places)?.status(log);
    Ok(device)
}

/// The job that resets `node`. Returns its exit status: [`RESET`], [`BAD_HOST`] or [`FAILED`].
pub fn job_fence(device: &Device, node: &str, places: &Places, log: Sink<'_>) -> i32 {
    with(device, places, log, |device, plugin, log| {
        let name = plugin.device_name(log);
        log(Severity::Info, &format!("Resetting node {node} with [{name}]"));
        match plugin.reset(&device.node, &node.to_lowercase(), places, log) {
            Reset::Done => {
                log(Severity::Info, &format!("node {node} now reset."));
                RESET
            }
            Reset::BadHost => {
                log(Severity::Error, &format!("Device {name} cannot reset host {node}."));
                BAD_HOST
            }
            Reset::Failed => {
                log(Severity::Error, &format!("Host {node} not reset!"));
                FAILED
            }
        }
    })
}

/// The job that asks for the device's status. Returns its exit status: [`RESET`] or [`FAILED`].
pub fn job_status(device: &Device, places: &Places, log: Sink<'_>) -> i32 {
    with(device, places, log, |_, plugin, log| {
        let name = plugin.device_name(log);
        log(Severity::Info, &format!("Checking status of STONITH device [{name}]"));
        if plugin.status(log) {
            return RESET;
        }
        log(Severity::Error, &format!("STONITH device {name} not operational!"));
        FAILED
    })
}

/// Does something with a device that may not be ready yet.
fn with(
    device: &Device,
    places: &Places,
    log: Sink<'_>,
    work: impl FnOnce(&Device, &Plugin<'_>, Sink<'_>) -> i32,
) -> i32 {
    let named = plugin::named(device, places, log);
    let status = named.and_then(|device| Ok(work(&device, &ready(&device, places)?, log)));
    status.unwrap_or_else(|problem| {
        log(Severity::Error, &problem.to_string());
        FAILED
    })
}

fn ready<'a>(device: &'a Device, places: &'a Places) -> Result<Plugin<'a>, Problem> {
    let Parameters::Named(pairs) = &device.parameters else { return Err(Problem::Damaged) };
    Plugin::of(&device.kind, pairs, places)
}

#[cfg(test)]
mod tests;
