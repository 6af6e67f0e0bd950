#![allow(warnings, clippy::all)]
use ipvs::*; use ipvs::model::*; use std::num::*;
fn main() {
 let mut c = Client::open().unwrap();
 let n = |s: &str| SchedulerName::new(s.as_bytes()).unwrap();
 let a = |s: &str, port| ServiceKey::Address{protocol: Protocol::Tcp, addr: s.parse().unwrap(), port};
 let fw = |m, family| ServiceKey::Fwmark{mark: NonZeroU32::new(m).unwrap(), family};
 let mut t = |name: &str, op: Op| { println!("{name}: {:?}", c.execute(&op).map_err(|e| e.to_string())); if let Op::NewService(s)|Op::SetService(s) = op { match c.service(&s.key) { Ok(e) => println!("   back {} {:?}", if e.service.flags.without(ServiceFlags::HASHED)==s.flags && (Service{flags:s.flags, ..e.service})==s {"same"} else {"DIFFERS"}, e.service), Err(e)=>println!("   {e}") } } else if let Op::NewDest(k,d)|Op::SetDest(k,d) = op { let s = c.service(&k); if let Ok(s)=s { let ds = c.dests(&s).unwrap(); let f = ds.iter().find(|x| x.dest.key==d.key); println!("   back {} {:?}", if f.map(|f| f.dest)==Some(d) {"same"} else {"DIFFERS"}, f.map(|f| f.dest)); } } };
 let b = Service::new(a("10.0.0.1",80), n("wlc"));
 t("plain", Op::NewService(b));
 t("again", Op::NewService(b));
 t("nonpersistent mask timeout", Op::NewService(Service{key:a("10.0.0.2",80), timeout: 77, netmask: Netmask::V4("255.255.0.0".parse().unwrap()), ..b}));
 t("noncontig mask persist", Op::NewService(Service{key:a("10.0.0.3",80), timeout: 77, flags: ServiceFlags::PERSISTENT, netmask: Netmask::V4("255.0.255.0".parse().unwrap()), ..b}));
 t("mask 0 persist", Op::NewService(Service{key:a("10.0.0.33",80), timeout: 0, flags: ServiceFlags::PERSISTENT, netmask: Netmask::V4("0.0.0.0".parse().unwrap()), ..b}));
 t("empty sched", Op::NewService(Service{key:a("10.0.0.4",80), scheduler: n(""), ..b}));
 t("none sched", Op::NewService(Service{key:a("10.0.0.5",80), scheduler: n("none"), ..b}));
 t("bad sched", Op::NewService(Service{key:a("10.0.0.6",80), scheduler: n("bogus"), ..b}));
 t("pe nonpersist", Op::NewService(Service{key:ServiceKey::Address{protocol: Protocol::Udp, addr: "10.0.0.7".parse().unwrap(), port: 5060}, pe: Some(PeName::new(b"sip").unwrap()), ..b}));
 t("pe persist", Op::NewService(Service{key:ServiceKey::Address{protocol: Protocol::Udp, addr: "10.0.0.8".parse().unwrap(), port: 5060}, timeout: 5, flags: ServiceFlags::PERSISTENT, pe: Some(PeName::new(b"sip").unwrap()), ..b}));
 t("pe tcp", Op::NewService(Service{key:a("10.0.0.8",5060), timeout: 5, flags: ServiceFlags::PERSISTENT, pe: Some(PeName::new(b"sip").unwrap()), ..b}));
 t("pe bogus", Op::NewService(Service{key:a("10.0.0.9",5060), timeout: 5, flags: ServiceFlags::PERSISTENT, pe: Some(PeName::new(b"xyz").unwrap()), ..b}));
 t("pe removed", Op::SetService(Service{key:ServiceKey::Address{protocol: Protocol::Udp, addr: "10.0.0.8".parse().unwrap(), port: 5060}, ..b}));
 t("set to none", Op::SetService(Service{scheduler: n("none"), ..b}));
 t("set to empty", Op::SetService(Service{scheduler: n(""), ..b}));
 t("set to wrr", Op::SetService(Service{scheduler: n("wrr"), ..b}));
 t("all flags", Op::SetService(Service{scheduler: n("wrr"), flags: ServiceFlags::from_bits(0xffffffff), ..b}));
 t("no flags", Op::SetService(Service{scheduler: n("wrr"), ..b}));
 t("v6", Op::NewService(Service{key: a("2001:db8::1",80), netmask: Netmask::V6(128), ..b}));
 t("v6 mask 0", Op::NewService(Service{key: a("2001:db8::2",80), netmask: Netmask::V6(0), ..b}));
 t("v6 mask 129", Op::NewService(Service{key: a("2001:db8::2",80), netmask: Netmask::V6(129), ..b}));
 t("v6 mask 64 nonpers", Op::NewService(Service{key: a("2001:db8::2",80), netmask: Netmask::V6(64), ..b}));
 t("v6 set mask 0", Op::SetService(Service{key: a("2001:db8::2",80), netmask: Netmask::V6(0), ..b}));
 t("fw4", Op::NewService(Service{key: fw(7, Family::V4), ..b}));
 t("fw6", Op::NewService(Service{key: fw(7, Family::V6), netmask: Netmask::V6(128), ..b}));
 t("fw6 big", Op::NewService(Service{key: fw(0xfffffff0, Family::V6), netmask: Netmask::V6(128), ..b}));
 t("multicast vip", Op::NewService(Service{key: a("224.0.0.1",80), ..b}));
 t("port 0 nonpersist", Op::NewService(Service{key: a("10.0.0.20",0), ..b}));
 t("proto 6 mark", Op::NewService(Service{key: ServiceKey::Address{protocol: Protocol::Other(50), addr: "10.0.0.2".parse().unwrap(), port: 1}, ..b}));
 t("0.0.0.0", Op::NewService(Service{key: a("0.0.0.0",80), ..b}));
 t("set missing", Op::SetService(Service{key: a("10.9.9.9",80), ..b}));
 t("big timeout", Op::NewService(Service{key: a("10.0.0.30",80), flags: ServiceFlags::PERSISTENT, timeout: 0xffffffff, ..b}));
 t("timeout 2678400", Op::NewService(Service{key: a("10.0.0.31",80), flags: ServiceFlags::PERSISTENT, timeout: 2678400, ..b}));
 t("timeout 100000000", Op::NewService(Service{key: a("10.0.0.32",80), flags: ServiceFlags::PERSISTENT, timeout: 100000000, ..b}));
 let k = a("10.0.0.1",80);
 let dk = |s: &str, port| DestKey{addr: s.parse().unwrap(), port};
 let d = Dest::new(dk("10.1.0.1",80), ForwardMethod::Route, Weight::ONE);
 t("dest", Op::NewDest(k, d)); t("dest again", Op::NewDest(k,d));
 for (i,m) in [ForwardMethod::Masquerade, ForwardMethod::Local, ForwardMethod::Tunnel(Tunnel::Ipip), ForwardMethod::Other(4), ForwardMethod::Other(5), ForwardMethod::Other(7),
   ForwardMethod::Tunnel(Tunnel::Gue{port: NonZeroU16::new(99).unwrap(), checksum: TunnelChecksum::Remote}), ForwardMethod::Tunnel(Tunnel::Gre{checksum: TunnelChecksum::Checksum}),ForwardMethod::Tunnel(Tunnel::Gre{checksum: TunnelChecksum::Remote}), ForwardMethod::Tunnel(Tunnel::Other{kind: 9, port: 5, flags: 77}), ForwardMethod::Tunnel(Tunnel::Other{kind: 1, port: 0, flags: 0}),ForwardMethod::Tunnel(Tunnel::Other{kind: 0, port: 6, flags: 1})].into_iter().enumerate() {
   t(&format!("{m:?}"), Op::NewDest(k, Dest{method: m, key: DestKey{addr: std::net::Ipv4Addr::new(10,2,0,1+i as u8).into(), port: 80}, ..d}));
   t(&format!("set to route"), Op::SetDest(k, Dest{method: ForwardMethod::Route, key: DestKey{addr: std::net::Ipv4Addr::new(10,2,0,1+i as u8).into(), port: 80}, ..d}));
   t(&format!("set to {m:?}"), Op::SetDest(k, Dest{method: m, key: DestKey{addr: std::net::Ipv4Addr::new(10,2,0,1+i as u8).into(), port: 80}, ..d}));
 }
 t("local addr", Op::NewDest(k, Dest{key: dk("127.0.0.1",80), ..d}));
 t("route other port", Op::NewDest(k, Dest{key: dk("10.3.0.1",8080), ..d}));
 t("lower>upper", Op::NewDest(k, Dest{key: dk("10.3.0.2",80), lower_threshold: 5, ..d}));
 t("lower>upper", Op::NewDest(k, Dest{key: dk("10.3.0.2",80), lower_threshold: 5, upper_threshold: 4, ..d}));
 t("lower=upper", Op::NewDest(k, Dest{key: dk("10.3.0.2",80), lower_threshold: 5, upper_threshold: 5, ..d}));
 t("upper huge", Op::NewDest(k, Dest{key: dk("10.3.0.3",80), lower_threshold: u32::MAX, upper_threshold: u32::MAX, ..d}));
 t("weight max", Op::NewDest(k, Dest{key: dk("10.3.0.4",80), weight: Weight::MAX, ..d}));
 t("multicast", Op::NewDest(k, Dest{key: dk("224.0.0.1",80), ..d}));
 t("bcast", Op::NewDest(k, Dest{key: dk("255.255.255.255",80), ..d}));
 t("zero", Op::NewDest(k, Dest{key: dk("0.0.0.0",80), ..d}));
 t("0.0.0.5", Op::NewDest(k, Dest{key: dk("0.0.0.5",80), ..d}));
 t("240.0.0.5", Op::NewDest(k, Dest{key: dk("240.0.0.5",80), ..d}));
 t("v6 route", Op::NewDest(k, Dest{key: dk("2001:db8::5",80), ..d}));
 t("v6 tunnel", Op::NewDest(k, Dest{key: dk("2001:db8::5",80), method: ForwardMethod::Tunnel(Tunnel::Ipip), ..d}));
 t("v6 tunnel set to route", Op::SetDest(k, Dest{key: dk("2001:db8::5",80), ..d}));
 t("v6 mcast", Op::NewDest(a("2001:db8::1",80), Dest{key: dk("ff02::5",80), ..d}));
 t("v6 ll", Op::NewDest(a("2001:db8::1",80), Dest{key: dk("fe80::5",80), ..d}));
 t("v6 ::", Op::NewDest(a("2001:db8::1",80), Dest{key: dk("::",80), ..d}));
 t("v6 ok", Op::NewDest(a("2001:db8::1",80), Dest{key: dk("2001:db8::77",80), ..d}));
 t("v4 in v6 tunnel", Op::NewDest(a("2001:db8::1",80), Dest{key: dk("10.0.0.4",80), method: ForwardMethod::Tunnel(Tunnel::Ipip), ..d}));
 t("missing svc", Op::NewDest(a("10.9.9.9",80), d)); t("missing svc", Op::SetDest(a("10.9.9.9",80), d)); t("missing svc", Op::DelDest(a("10.9.9.9",80), d.key));
 t("missing dest", Op::SetDest(k, Dest{key: dk("10.9.9.8",1), ..d})); t("missing dest", Op::DelDest(k, dk("10.9.9.8",1)));
 t("missing dest, lower>upper", Op::SetDest(k, Dest{key: dk("10.9.9.8",1), lower_threshold: 1, ..d}));
 t("existing dest, lower>upper", Op::SetDest(k, Dest{lower_threshold: 1, ..d}));
 t("existing dest new, lower>upper", Op::NewDest(k, Dest{lower_threshold: 1, ..d}));
 t("missing svc, lower>upper", Op::NewDest(a("10.9.9.9",80), Dest{lower_threshold: 1, ..d}));
 t("existing dest multicast missing", Op::SetDest(k, Dest{key: dk("224.0.0.1",80), ..d}));
 t("zero missing", Op::Zero(Some(a("10.9.9.9",80)))); t("del missing", Op::DelService(a("10.9.9.9",80)));
 t("zero", Op::Zero(Some(k))); t("zero all", Op::Zero(None));
 t("timeouts", Op::SetTimeouts(Timeouts{tcp: 100, tcp_fin: 0, udp: 0}));
 t("timeouts huge", Op::SetTimeouts(Timeouts{tcp: u32::MAX, tcp_fin: 0, udp: 0}));
 let svc = c.service(&k); println!("{:?}", c.timeouts());
 let mut ns = c.services().unwrap().len(); println!("{ns}");
 for i in ["lo"] { for g in [None, Some("ff02::5"), Some("224.0.0.99")] {
  for st in [DaemonState::Master, DaemonState::Backup] {
  let r = c.execute(&Op::StartDaemon(Daemon{ group: g.map(|g| g.parse().unwrap()), ..Daemon::new(st, InterfaceName::new(i.as_bytes()).unwrap(), 200) })); println!("{r:?}"); }
  println!("{:?}", c.daemons());
  println!("{:?} {:?}", c.execute(&Op::StopDaemon(DaemonState::Backup, 0)), c.daemons());
  println!("{:?} {:?}", c.execute(&Op::StopDaemon(DaemonState::Master, 0)), c.daemons());
  println!("{:?} {:?}", c.execute(&Op::StopDaemon(DaemonState::Master, 0)), c.daemons());
 }}
}
