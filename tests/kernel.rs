//! Checks on the real kernel that are neither recorded cases nor random lines.

#![cfg(test)]

use testkit::build;
use testkit::cli::{Cases, host};
use testkit::lab::checks;
use testkit::paths::scripts;
use testkit::uml::Lab;

#[test]
fn the_library_speaks_to_the_kernel_by_both_interfaces() {
    let program = build::example("ipvs", "kernel_selftest").unwrap();
    let output = Lab::default().run(&program, &[]).unwrap();
    let report = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{report}");
}

#[test]
fn ours_passes_every_check_on_the_real_kernel() {
    let program = build::ipvsadm_under_test().unwrap();
    let job = host::checks(&Cases { program: Some(program), scripts: Some(scripts()), ..Cases::default() }).unwrap();
    let output = job.lab.run(&build::agent().unwrap(), &job.args).unwrap();
    let report = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let wanted: String = checks::ALL.iter().map(|(name, _)| format!("ok {name}\n")).collect();
    assert_eq!(report, wanted);
    assert!(output.status.success());
}
