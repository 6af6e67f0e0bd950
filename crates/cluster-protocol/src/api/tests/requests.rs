//! Requests and answers, as recorded.

use super::*;

#[test]
fn lists_name_every_element_and_say_which_is_the_last() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    assert_eq!(
        texts(&desk.ask(id, "nodelist", &[])),
        [
            "t=hbapi-resp reqtype=nodelist node=enode1 nodetype=normal st=active result=ok/more",
            "t=hbapi-resp reqtype=nodelist node=enode2 nodetype=normal st=active result=ok/more",
            "t=hbapi-resp reqtype=nodelist node=10.77.5.1 nodetype=ping st=ping result=OK"
        ]
    );
    desk.nodes[1].links[1].up = false;
    assert_eq!(
        texts(&desk.ask(id, "iflist", &[("node", "ENODE2")])),
        [
            "t=hbapi-resp reqtype=iflist ifname=eth0 st=up result=ok/more",
            "t=hbapi-resp reqtype=iflist ifname=eth1 st=dead result=OK"
        ]
    );
    desk.nodes[1].links.clear();
    assert!(desk.answer(id, "iflist", &[("node", "enode2")]).ends_with("result=badreq info=EINVAL"), "never nothing");
}

#[test]
fn single_answers_are_as_recorded() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    for (request, fields, wanted) in [
        ("nodestatus", &[("node", "Enode2")][..], "st=active result=OK"),
        ("nodestatus", &[("node", "nosuch")], "result=badreq info=EINVAL"),
        ("nodestatus", &[("node", "")], "result=badreq info=EINVAL"),
        ("nodestatus", &[], "result=badreq info=EINVAL"),
        ("nodetype", &[("node", "10.77.5.1")], "nodetype=ping result=OK"),
        ("nodeweight", &[("node", "enode1")], "weight=100 result=OK"),
        ("nodesite", &[("node", "enode1")], "site= result=OK"),
        ("numnodes", &[], "numnodes=2 result=OK"),
        ("ifstatus", &[("node", "enode2"), ("ifname", "eth0")], "st=up result=OK"),
        ("ifstatus", &[("node", "enode2"), ("ifname", "10.77.5.1")], "result=badreq info=EINVAL"),
        ("ifstatus", &[("node", "enode2")], "result=badreq info=EINVAL"),
        ("getparm", &[("pname", "keepalive")], "pvalue=200ms result=OK"),
        ("getparm", &[("pname", "crm")], "pvalue=false result=OK"),
        ("getparm", &[("pname", "hbversion")], "pvalue=3.0.6 result=OK"),
        ("getparm", &[("pname", "node")], "result=OK"),
        ("getparm", &[], "result=badreq info=EINVAL"),
        ("getrsc", &[], "rsc_hold=none result=OK"),
        ("getuuid", &[("queryname", "nosuch")], "result=OK"),
        ("getuuid", &[], "result=badreq info=no query node name found"),
        ("getnodename", &[("queryuuid", "AQEBAQEBAQEBAQEBAQEBAQ==")], "result=badreq info=no query node name found"),
        ("setsignal", &[("signal", "0")], "result=OK"),
        ("setsignal", &[("signal", "9")], "result=badreq info=EINVAL"),
        ("setsignal", &[("signal", "99")], "result=badreq info=EINVAL"),
        ("setsignal", &[], "result=badreq"),
        ("setfilter", &[("fmask", "1")], "result=OK"),
        ("setfilter", &[("fmask", "d")], "result=OK"),
        ("setfilter", &[("fmask", "100")], "result=badreq info=EINVAL"),
        ("setfilter", &[("fmask", "x")], "result=badreq info=EINVAL"),
        ("setfilter", &[], "result=badreq info=EINVAL"),
        ("nodelist-end", &[], "result=badreq"),
        ("get_keepalive", &[], "result=badreq"),
        ("signon", &[], "result=badreq"),
    ] {
        assert_eq!(desk.answer(id, request, fields), format!("t=hbapi-resp reqtype={request} {wanted}"), "{fields:?}");
    }
}

#[test]
fn ids_and_names_of_nodes_are_translated() {
    use crate::message::Value;
    let mut desk = Desk::new();
    let id = desk.casual(7);
    let answers = desk.ask(id, "getuuid", &[("queryname", "enode2")]);
    assert_eq!(answers[0].uuid("queryuuid"), Some(Uuid([2; 16])));
    for (bytes, wanted) in [
        (vec![2; 16], "queryname=enode2 result=OK"),
        (vec![9; 16], "result=OK"),
        (vec![0; 16], "result=OK"),
        (vec![2; 15], "result=badreq info=no query node name found"),
    ] {
        let mut request = request_of("getnodename");
        request.push("queryuuid", Value::Binary(bytes));
        desk.says(id, &request);
        assert_eq!(texts(&desk.hears(id)), [format!("t=hbapi-resp reqtype=getnodename {wanted}")]);
    }
}

#[test]
fn signoff_and_the_queue_length_have_no_answer() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    assert!(desk.ask(id, "set_sendqlen", &[("sendqlen", "1024")]).is_empty());
    assert!(desk.ask(id, "set_sendqlen", &[("sendqlen", "many")]).is_empty());
    assert!(desk.events.contains(&ApiEvent::QueueLength { id: "7".into() }));
    assert!(desk.ask(id, "signoff", &[]).is_empty());
    assert_eq!(desk.closed, [id]);
}

#[test]
fn the_connection_says_who_asks_not_what_is_written() {
    let mut desk = Desk::new();
    let (first, second) = (desk.casual(7), desk.casual(8));
    let strange = Message::of_type(T_REQUEST).with(F_REQUEST, "numnodes").with(F_FROM_ID, "8");
    for id in [first, second] {
        desk.says(id, &strange);
        assert_eq!(desk.hears(id).len(), 1);
    }
    for incomplete in [
        Message::of_type(T_REQUEST).with(F_REQUEST, "numnodes"),
        Message::of_type(T_REQUEST).with(F_PID, "7").with(F_FROM_ID, "7"),
    ] {
        desk.says(first, &incomplete);
        assert!(desk.hears(first).is_empty());
    }
}

#[test]
fn debug_filters_are_for_root_and_the_daemon_s_user() {
    let mut desk = Desk::with(ApiSettings { uid: 50, rules: vec![rule("anon", &[], &[])], ..settings() });
    for (pid, uid, wanted) in [(7, 0, "result=OK"), (8, 50, "result=OK"), (9, 60, "result=badreq info=EPERM")] {
        let id = desk.open(peer(pid, uid, 0));
        desk.says(id, &sign_on(pid, &pid.to_string(), uid, 0));
        desk.hears(id);
        assert_eq!(desk.answer(id, "setfilter", &[("fmask", "f")]), format!("t=hbapi-resp reqtype=setfilter {wanted}"));
        assert!(desk.answer(id, "setfilter", &[("fmask", "1")]).ends_with("OK"));
    }
}

#[test]
fn resources_of_another_manager_are_not_told() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.server.set_resources(Some(super::super::RscStatus { word: "all".into() }));
    assert!(desk.answer(id, "getrsc", &[]).ends_with("rsc_hold=all result=OK"));
    desk.server.set_resources(None);
    let wanted = "result=badreq info=Resource is managed by crm.Use crm tool to query resource";
    assert!(desk.answer(id, "getrsc", &[]).ends_with(wanted));
}

#[test]
fn a_client_here_is_known_one_on_a_dead_node_is_not_there_and_others_are_asked_about() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.named("ipfail", 8, 103, 106);
    desk.sent.clear();
    let of = |node, cn| [("node", node), ("cn", cn)];
    let local = "t=hbapi-resp reqtype=clientstatus subt=respond-cstatus";
    assert_eq!(desk.answer(id, "clientstatus", &of("ENODE1", "ipfail")), format!("{local} cs=online result=OK"));
    for (node, client) in [("enode1", "other"), ("10.77.5.1", "ipfail")] {
        assert_eq!(desk.answer(id, "clientstatus", &of(node, client)), format!("{local} cs=offline result=OK"));
    }
    assert!(desk.answer(id, "clientstatus", &of("nosuch", "ipfail")).ends_with("result=badreq info=EINVAL"));
    assert!(desk.sent.is_empty());
    assert!(desk.ask(id, "clientstatus", &of("enode2", "ipfail")).is_empty());
    assert_eq!(texts(&desk.sent), ["t=query-cstatus dest=enode2 cn=ipfail from_id=7"]);
    desk.nodes[1].status = "dead".into();
    assert!(desk.answer(id, "clientstatus", &of("enode2", "ipfail")).contains("cs=offline"));
}
