//! `MailTo`: a letter whenever resources come and go.

use super::process::feed;
use crate::agent::{Call, Outcome, Verb};
use crate::log::today;
use crate::output::print;
use crate::place;

/// The subject for a verb (resource specification, section 11.8).
fn subject(given: Option<&String>, verb: Verb, date: &str, node: &str) -> String {
    let given = given.map_or("Resource Group", String::as_str);
    if verb == Verb::Start {
        format!("{given} Takeover in progress at {date} on {node}")
    } else {
        format!("{given} Migrating resource away at {date} from {node}")
    }
}

/// A header must stay one line.
fn header(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    if verb == Verb::Status {
        // There is nothing that could run: a start sends a letter each time.
        print("stopped");
        return Outcome::Stopped;
    }
    let address = words.first().map_or("", String::as_str);
    let node = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let subject = header(&subject(words.get(1), verb, &today(), &node));
    let text = format!("{subject}\n");
    let sent = if let Some(mail) = place::program("mail").or_else(|| place::program("mailx")) {
        feed(&mail, &["-s", &subject, address], text.as_bytes())
    } else if let Some(sendmail) = place::program("sendmail") {
        let letter = format!("To: {}\nSubject: {subject}\n\n{text}", header(address));
        feed(&sendmail, &["-i", "-t"], letter.as_bytes())
    } else {
        let outcome = call.fail("Setup problem: couldn't find command: mail", Outcome::Installed);
        // A stop that fails is tried eleven times and may reboot the machine; no letter is worth that.
        return if verb == Verb::Stop { Outcome::Success } else { outcome };
    };
    match sent {
        Ok(0) => Outcome::Success,
        _ if verb == Verb::Stop => Outcome::Success,
        Ok(status) => call.fail(&format!("mail to {address} failed with status {status}"), Outcome::Generic),
        Err(error) => call.fail(&format!("mail to {address}: {error}"), Outcome::Generic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_say_what_happens_where() {
        let given = "Web".to_owned();
        let text = subject(Some(&given), Verb::Start, "Nov 03 04:05:06", "node1");
        assert_eq!(text, "Web Takeover in progress at Nov 03 04:05:06 on node1");
        let text = subject(None, Verb::Stop, "Nov 03", "node1");
        assert_eq!(text, "Resource Group Migrating resource away at Nov 03 from node1");
        assert_eq!(header("a\nBcc: b"), "a Bcc: b");
    }
}
