#![allow(warnings, clippy::all)]
use ipvs::*; use ipvs::model::*; use ipvs::transport::*; use ipvs::wire::*;
fn main() { let mut t = NetlinkSocket::open().unwrap(); let mut b = vec![]; genl::encode_get_family(&mut b, 1, b"IPVS"); 
 let mut ask = |name: &str, b: &[u8], dump: bool| { t.send(b).unwrap(); println!("# {name}"); loop { let d = t.receive(Expected::Dump).unwrap(); println!("{}", d.iter().map(|x| format!("{x:02x}")).collect::<String>()); if !dump || genl::Messages::new(d).any(|m| matches!(m.unwrap().kind, 2|3)) {break} } };
 ask("family", &b, false);
 let k = |s: &str| match s.strip_prefix("f") { Some(_)=> ServiceKey::Fwmark{mark: std::num::NonZeroU32::new(7).unwrap(), family: Family::V6}, None => { let (p,a) = s.split_once('/').unwrap(); let a: std::net::SocketAddr = a.parse().unwrap(); ServiceKey::Address{protocol: if p=="t" {Protocol::Tcp} else {Protocol::Udp}, addr: a.ip(), port: a.port()} } };
 let f: u16 = 28; 
 let mut q = |name: &str, c: Command, key: Option<ServiceKey>, dump: bool| { let mut b = vec![]; request::encode_query(&mut b, f, 5, if dump {0x300} else {0}, c, key.as_ref()); ask(name, &b, dump) };
 q("info", Command::GetInfo, None, false);
 q("timeouts", Command::GetTimeouts, None, false);
 q("services", Command::GetService, None, true);
 q("service", Command::GetService, Some(k("t/10.0.0.1:80")), false);
 q("service missing", Command::GetService, Some(k("t/10.0.0.99:80")), false);
 q("dests", Command::GetDest, Some(k("t/10.0.0.1:80")), true);
 q("dests fw", Command::GetDest, Some(k("f")), true);
 q("dests missing", Command::GetDest, Some(k("t/10.0.0.99:80")), true);
 q("daemons", Command::GetDaemon, None, true);
 q("del missing", Command::DelService, Some(k("t/10.0.0.99:80")), false);
 let mut b = vec![]; request::encode_op(&mut b, f, 6, 4, &Op::Zero(None)); ask("ack", &b, false);
}
