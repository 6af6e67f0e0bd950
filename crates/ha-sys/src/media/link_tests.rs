//! The supervisor of a medium through outages, with a made-up clock.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use super::*;

const GONE: MediaError = MediaError::Gone { step: Step::Send, errno: libc::ENODEV };
const BUSY: MediaError = MediaError::Busy { errno: libc::EADDRINUSE };

fn spec() -> MediumSpec {
    MediumSpec::Broadcast { interface: "eth0".into(), port: 694 }
}

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Calls `action` and returns the texts it told.
fn told(link: &mut Link, action: impl FnOnce(&mut Link, &mut Vec<MediaEvent>)) -> Vec<String> {
    let mut news = Vec::new();
    action(link, &mut news);
    news.iter().map(|event| super::super::text(event).1).collect()
}

fn working() -> Link {
    let mut link = Link::new(spec());
    assert!(link.reopen_due(at(0)));
    let texts = told(&mut link, |link, news| link.tried(at(0), Ok(()), news));
    assert_eq!(texts, ["glib: UDP Broadcast heartbeat started on port 694 (694) interface eth0"]);
    link
}

#[test]
fn a_dead_link_is_told_once_and_tried_every_second_until_it_works() {
    let mut link = working();
    let texts = told(&mut link, |link, news| link.sent(at(100), None, 309, Err(&GONE), news));
    assert_eq!(texts.len(), 4);
    assert_eq!(texts[3], "Is a cable unplugged on bcast eth0?");
    assert!(!link.is_open() && !link.reopen_due(at(1099)) && link.reopen_due(at(1100)));
    for second in 1..60 {
        let now = at(100 + second * 1000);
        assert!(link.reopen_due(now));
        assert!(told(&mut link, |link, news| link.tried(now, Err(&GONE), news)).is_empty());
    }
    assert!(told(&mut link, |link, news| link.tried(at(61_000), Ok(()), news)).is_empty());
    assert!(link.is_open() && !link.works());
    let texts = told(&mut link, |link, news| link.sent(at(61_100), None, 309, Ok(()), news));
    assert_eq!(texts, ["Communications restart succeeded."]);
    assert!(link.works());
}

#[test]
fn an_interface_that_is_only_down_does_not_flood_the_log_with_openings() {
    let mut link = working();
    told(&mut link, |link, news| link.sent(at(0), None, 309, Err(&GONE), news));
    for second in 1..10 {
        let now = at(second * 1000);
        assert!(told(&mut link, |link, news| link.tried(now, Ok(()), news)).is_empty());
        assert!(told(&mut link, |link, news| link.sent(now, None, 309, Err(&GONE), news)).is_empty());
    }
    // The next outage is news again.
    told(&mut link, |link, news| link.tried(at(11_000), Ok(()), news));
    assert_eq!(told(&mut link, |link, news| link.sent(at(11_000), None, 1, Ok(()), news)).len(), 1);
    assert_eq!(told(&mut link, |link, news| link.sent(at(12_000), None, 1, Err(&GONE), news)).len(), 4);
}

#[test]
fn a_busy_port_is_told_once_and_its_opening_as_any_other() {
    let mut link = Link::new(spec());
    let texts = told(&mut link, |link, news| link.tried(at(0), Err(&BUSY), news));
    assert_eq!(texts, ["glib: Error binding socket (Address already in use). Retrying."]);
    assert!(told(&mut link, |link, news| link.tried(at(1000), Err(&BUSY), news)).is_empty());
    let texts = told(&mut link, |link, news| link.tried(at(2000), Ok(()), news));
    assert_eq!(texts, ["glib: UDP Broadcast heartbeat started on port 694 (694) interface eth0"]);
    assert!(link.works());
}

#[test]
fn a_message_without_room_is_no_failure_of_the_link() {
    let mut link = working();
    assert!(told(&mut link, |link, news| link.sent(at(0), None, 309, Err(&MediaError::Full), news)).is_empty());
    assert!(link.works());
}

#[test]
fn a_refusal_by_the_firewall_does_not_close_the_medium() {
    let mut link = working();
    let refused = MediaError::Io { step: Step::Send, errno: libc::EPERM };
    assert_eq!(told(&mut link, |link, news| link.sent(at(0), None, 309, Err(&refused), news)).len(), 4);
    assert!(link.is_open() && !link.works());
    assert!(told(&mut link, |link, news| link.sent(at(1), None, 309, Err(&refused), news)).is_empty());
    assert_eq!(told(&mut link, |link, news| link.sent(at(2), None, 309, Ok(()), news)).len(), 1);
}
