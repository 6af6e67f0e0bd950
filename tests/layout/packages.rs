//! The packages as cargo sees them, and the tables about them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use testkit::paths::project_root;

use crate::{readme, text};

/// Packages that are never part of a release.
const UNSHIPPED: &[&str] = &["lvs-ha-tests", "testkit"];

/// What must stay out of a command that scripts start thousands of times: each costs start-up time.
const TOO_SLOW_FOR_IPVSADM: &[&str] = &["clap", "openssl", "regex", "rustls", "tokio"];

/// What `cargo metadata` says.
pub(crate) struct Packages(Value);

impl Packages {
    /// Asks cargo, once.
    pub(crate) fn read() -> &'static Self {
        static READ: OnceLock<Packages> = OnceLock::new();
        READ.get_or_init(|| {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.current_dir(project_root()).args(["metadata", "--format-version=1", "--locked"]);
            let output = cargo.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Self(serde_json::from_slice(&output.stdout).unwrap())
        })
    }

    /// All packages in the lock file.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Value> {
        self.0["packages"].as_array().unwrap().iter()
    }

    /// Our own.
    fn ours(&self) -> impl Iterator<Item = &Value> {
        let members = self.0["workspace_members"].as_array().unwrap();
        self.all().filter(|package| members.contains(&package["id"]))
    }

    /// The programs of the packages that are shipped.
    pub(crate) fn shipped_programs(&self) -> BTreeSet<String> {
        self.ours()
            .filter(|package| !UNSHIPPED.contains(&name(package)))
            .flat_map(|package| package["targets"].as_array().unwrap())
            .filter(|target| target["kind"][0] == "bin")
            .map(|target| name(target).to_owned())
            .collect()
    }

    /// Everything that ends up in a package's program, directly or not.
    fn linked_into(&self, package: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![package.to_owned()];
        while let Some(next) = open.pop() {
            let Some(package) = self.all().find(|package| name(package) == next) else { continue };
            for dependency in dependencies(package).filter(|dependency| dependency["kind"].is_null()) {
                if dependency["optional"] == false && found.insert(name(dependency).to_owned()) {
                    open.push(name(dependency).to_owned());
                }
            }
        }
        found
    }
}

/// The name of a package, target or dependency.
pub(crate) fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().unwrap().iter()
}

#[test]
fn the_table_of_crates_says_who_uses_whom() {
    let packages = Packages::read();
    let ours: BTreeSet<&str> = packages.ours().map(name).collect();
    let used: BTreeMap<String, BTreeSet<String>> = packages
        .ours()
        .map(|package| {
            let used = dependencies(package).map(name).filter(|used| ours.contains(used)).map(str::to_owned);
            (name(package).to_owned(), used.collect())
        })
        .collect();
    let table: BTreeMap<String, BTreeSet<String>> =
        readme::table("crate").into_iter().map(|row| (readme::word(&row[0]), readme::words(&row[2]))).collect();
    assert_eq!(table, used, "left: README.md, right: the Cargo.toml files");
}

#[test]
fn the_test_kit_is_no_part_of_a_program() {
    for package in Packages::read().ours().filter(|package| !UNSHIPPED.contains(&name(package))) {
        let wrong = dependencies(package).any(|used| name(used) == "testkit" && used["kind"] != "dev");
        assert!(!wrong, "{} uses testkit outside [dev-dependencies]", name(package));
    }
}

#[test]
fn nothing_slow_to_start_is_linked_into_ipvsadm() {
    let linked = Packages::read().linked_into("ipvsadm");
    assert!(linked.contains("ipvs"), "{linked:?}");
    for wrong in TOO_SLOW_FOR_IPVSADM {
        assert!(!linked.contains(*wrong), "ipvsadm links {wrong}");
    }
}

#[test]
fn every_dependency_is_listed_with_its_users_and_a_reason() {
    let packages = Packages::read();
    let ours: BTreeSet<&str> = packages.ours().map(name).collect();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages.ours() {
        for dependency in dependencies(package).map(name).filter(|dependency| !ours.contains(dependency)) {
            used.entry(dependency.to_owned()).or_default().insert(name(package).to_owned());
        }
    }
    let mut listed = BTreeMap::new();
    for row in readme::rows(&text("docs/DEPENDENCIES.md"), "dependency") {
        assert!(row[2].len() > 20, "docs/DEPENDENCIES.md: no reason for {}", row[0]);
        listed.insert(readme::word(&row[0]), readme::words(&row[1]));
    }
    assert_eq!(listed, used, "left: docs/DEPENDENCIES.md, right: the Cargo.toml files");
    let manifest = text("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let versions: BTreeSet<String> = section
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
        .filter(|name| !ours.contains(name.as_str()))
        .collect();
    assert_eq!(
        versions,
        used.into_keys().collect(),
        "left: [workspace.dependencies], right: the other Cargo.toml files"
    );
}
