use ipvs::*;
fn main() { let brief = std::env::args().nth(1).as_deref()==Some("b"); let mut c = match std::env::args().nth(1).as_deref() { Some("s") => Client::open_interface(Interface::SocketOptions), _=>Client::open() }.unwrap();
 let s = c.services().unwrap(); let mut n=0; if brief {c.dests_of_each_without_stats::<Error>(&s, |_,d| {n+=d.len(); Ok(())}).unwrap();} else {c.dests_of_each::<Error>(&s, |_,d| {n+=d.len(); Ok(())}).unwrap();} println!("{n}"); }
