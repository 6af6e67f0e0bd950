//! `hb_addnode`, `hb_delnode`, `hb_setweight`, `hb_setsite`: messages about nodes.
//!
//! Source: daemon specification, section 7.2; texts checked byte for byte against Debian 12's programs.

use crate::call::Call;
use crate::{exit, messages, out};
use resource_manager::inject;

/// `hb_addnode NODE...`
pub(crate) fn add(call: &Call) -> u8 {
    nodes(call, "addnode", "usage: hb_addnode <node> <node> ...\n")
}

/// `hb_delnode NODE...`
pub(crate) fn delete(call: &Call) -> u8 {
    nodes(call, "delnode", "usage: hb_delnode <node> <node> ...\n")
}

/// `hb_setweight NODE WEIGHT`
pub(crate) fn set_weight(call: &Call) -> u8 {
    setting(call, "setweight", "weight", "usage: hb_setweight <node> <weight>\n")
}

/// `hb_setsite NODE SITE`
pub(crate) fn set_site(call: &Call) -> u8 {
    setting(call, "setsite", "site", "usage: hb_setsite <node> <site>\n")
}

fn nodes(call: &Call, message: &str, usage: &str) -> u8 {
    let words: Vec<String> = (0..call.arguments.len()).map(|index| call.text(index)).collect();
    send(call, &[("t", message), ("nodelist", &words.join(" "))], usage)
}

/// A missing value is sent as an empty one, and further words are ignored, as they always were.
fn setting(call: &Call, message: &str, field: &str, usage: &str) -> u8 {
    send(call, &[("t", message), ("node", &call.text(0)), (field, &call.text(1))], usage)
}

fn send(call: &Call, fields: &[(&str, &str)], usage: &str) -> u8 {
    if call.arguments.is_empty() || call.text(0) == "--help" {
        out::stdout(usage);
        return exit::FAILED;
    }
    match inject::send(fields) {
        Ok(()) => exit::OK,
        Err(error) => messages::failed(&call.program(), &error),
    }
}
