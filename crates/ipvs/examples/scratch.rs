// scratch
use ipvs::model::*; use ipvs::*; use std::time::Instant;
fn main() {
    let arg: Vec<String> = std::env::args().collect();
    let t=Instant::now();
    let mut c = match arg[1].as_str() { "s" => Client::open_interface(Interface::SocketOptions), _=>Client::open() }.unwrap();
    eprintln!("open {:?} {:?}", t.elapsed(), c.info());
    let (ns, nd): (u32,u32) = (arg[2].parse().unwrap(), arg[3].parse().unwrap());
    let mut ops = vec![Op::Flush];
    for s in 0..ns {
        let key = ServiceKey::Address{protocol: Protocol::Tcp, addr: std::net::Ipv4Addr::from(0x0a000001+s).into(), port: 80};
        ops.push(Op::NewService(Service::new(key, SchedulerName::new(b"wlc").unwrap())));
        for d in 0..nd { ops.push(Op::NewDest(key, Dest::new(DestKey{addr: std::net::Ipv4Addr::from(0xc0a80001+d).into(), port: 80}, ForwardMethod::Route, Weight::ONE))); }
    }
    let t=Instant::now();
    let f = c.batch(&ops).unwrap();
    eprintln!("batch {} ops {:?} failures {}", ops.len(), t.elapsed(), f.len());
    let t=Instant::now();
    let f = c.batch(&ops[1..]).unwrap();
    eprintln!("batch failing {:?} failures {}", t.elapsed(), f.len());
    for _ in 0..std::env::var("LOOPS").map_or(2, |v| v.parse().unwrap()) {
    let t=Instant::now();
    let s = c.services().unwrap();
    eprintln!("services {} {:?}", s.len(), t.elapsed());
    let t=Instant::now();
    let mut n=0;
    c.dests_of_each::<Error>(&s, |_,d| {n+=d.len(); Ok(())}).unwrap();
    eprintln!("dests {n} {:?}", t.elapsed());
    }
}
