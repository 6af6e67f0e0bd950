//! Directives that take a whole line: children, client rights, fencing devices.

use super::At;
use super::draft::Draft;
use crate::config;
use crate::finding::{ApiAuth, Finding, Respawn, Stonith};
use crate::keys::Key;
use crate::lexer::{self, Word};

/// The longest name of a user in `respawn`, in bytes.
const LONGEST_USER: usize = 63;
/// The longest name of a client in `apiauth`, in bytes.
const LONGEST_CLIENT: usize = 31;
/// The longest name of a host in `stonith_host`, in bytes.
const LONGEST_HOST: usize = 255;

/// The rest of a line after its first `count` words, with the blanks before it.
fn after(rest: &str, count: usize) -> &str {
    let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let mut rest = rest;
    for _ in 0..count {
        rest = rest.trim_start_matches(is_blank);
        rest = rest.get(rest.find(is_blank).unwrap_or(rest.len())..).unwrap_or_default();
    }
    rest
}

impl Draft<'_> {
    /// `respawn`, `failfast`, `apiauth`, `stonith` or `stonith_host`.
    pub(super) fn other_line(&mut self, key: &'static Key, at: At, rest: &Word<'_>) {
        let words: Vec<String> = lexer::words(rest).iter().map(Word::lossy).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let rest = rest.lossy();
        let finding = match key.name {
            "apiauth" => self.apiauth(&words).err().map(|problem| Finding::ApiAuth { rest, problem }),
            "stonith" => self.stonith(&words).err().map(Finding::Stonith),
            "stonith_host" => self.stonith_host(&words, &rest).err().map(Finding::Stonith),
            name => self.respawn(&words, &rest, name == "failfast").err().map(Finding::Respawn),
        };
        if let Some(finding) = finding {
            self.problem(at, finding);
        }
    }

    fn respawn(&mut self, words: &[&str], rest: &str, failfast: bool) -> Result<(), Respawn> {
        let user = words.first().copied().unwrap_or_default();
        let path = words.get(1).copied().unwrap_or_default();
        if user.len() > LONGEST_USER {
            return Err(Respawn::UserTooLong);
        }
        let found = self.machine.user(user).ok_or_else(|| Respawn::BadUser(user.to_owned()))?;
        if !path.starts_with('/') {
            return Err(Respawn::Relative(path.to_owned()));
        }
        if !self.machine.is_executable(path) {
            return Err(Respawn::NotExecutable(path.to_owned()));
        }
        let command = after(rest, 1).trim().to_owned();
        let (uid, gid) = (found.uid, found.gid);
        self.respawn.push(config::Respawn { user: user.to_owned(), uid, gid, command, failfast });
        Ok(())
    }

    /// `Err(None)`: there is neither a list of users nor one of groups.
    fn apiauth(&mut self, words: &[&str]) -> Result<(), Option<ApiAuth>> {
        let (client, lists) = words.split_first().ok_or(None)?;
        if client.len() > LONGEST_CLIENT {
            return Err(Some(ApiAuth::NameTooLong));
        }
        let (mut users, mut groups) = (None, None);
        for word in lists {
            let (place, list, of_groups) = match (word.strip_prefix("uid="), word.strip_prefix("gid=")) {
                (Some(list), _) => (&mut users, list, false),
                (_, Some(list)) => (&mut groups, list, true),
                _ => return Err(Some(ApiAuth::BadWord)),
            };
            if place.replace(list).is_some() {
                return Err(Some(ApiAuth::TwoLists { groups: of_groups }));
            }
        }
        if users.is_none() && groups.is_none() {
            return Err(None);
        }
        let uids = ids(users, false, |name| self.machine.user(name).map(|user| user.uid))?;
        let gids = ids(groups, true, |name| self.machine.group(name))?;
        let client = (*client).to_owned();
        if self.apiauth.iter().any(|known| known.client == client) {
            return Err(Some(ApiAuth::Twice { client }));
        }
        self.apiauth.push(config::ApiAuth { client, uids, gids });
        Ok(())
    }

    fn stonith(&mut self, words: &[&str]) -> Result<(), Stonith> {
        let kind = words.first().ok_or(Stonith::NoType)?;
        if !self.machine.stonith_type(kind) {
            return Err(Stonith::BadType((*kind).to_owned()));
        }
        let file = words.get(1).copied().unwrap_or_default().to_owned();
        match self.machine.stonith_file(&file) {
            None => Err(Stonith::NoFile(file)),
            Some(content) if content.trim().is_empty() => Err(Stonith::BadFile(file)),
            Some(_) => {
                self.stonith.push(config::Stonith { host: None, kind: (*kind).to_owned(), parameters: file });
                Ok(())
            }
        }
    }

    /// Lines for other nodes are not looked at any further, as observed on heartbeat 3.0.6.
    fn stonith_host(&mut self, words: &[&str], rest: &str) -> Result<(), Stonith> {
        let host = words.first().ok_or(Stonith::NoHost)?.to_lowercase();
        if host.len() > LONGEST_HOST {
            return Err(Stonith::HostTooLong);
        }
        if host != "*" && host != self.node {
            return Ok(());
        }
        let kind = (*words.get(1).ok_or(Stonith::NoType)?).to_owned();
        if !self.machine.stonith_type(&kind) {
            return Err(Stonith::BadType(kind));
        }
        let parameters = after(rest, 2);
        // A node that ends itself needs to know nothing else.
        if parameters.trim().is_empty() && kind != "suicide" {
            return Err(Stonith::BadParameters(parameters.to_owned()));
        }
        let parameters = parameters.trim().to_owned();
        self.stonith.push(config::Stonith { host: Some(host), kind, parameters });
        Ok(())
    }
}

/// The numbers of a list of names, which may be numbers themselves; empty names are skipped.
fn ids(list: Option<&str>, group: bool, find: impl Fn(&str) -> Option<u32>) -> Result<Vec<u32>, Option<ApiAuth>> {
    let list = list.unwrap_or_default();
    let mut found = Vec::new();
    for name in list.split(',').filter(|name| !name.is_empty()) {
        match find(name).or_else(|| name.parse().ok()) {
            Some(id) => found.push(id),
            None => {
                let (name, list) = (name.to_owned(), list.to_owned());
                return Err(Some(ApiAuth::Unknown { group, name, list }));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn the_rest_after_some_words_keeps_its_blanks() {
        assert_eq!(after("* null\ta  b", 2), "\ta  b");
        assert_eq!(after("*", 2), "");
    }
}
