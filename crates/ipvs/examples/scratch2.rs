use ipvs::model::*; use ipvs::wire::*; use std::time::Instant;
fn main() {
    let mut msg = Vec::new();
    let e = DestEntry{dest: Dest::new(DestKey{addr: [10,0,0,1].into(), port: 80}, ForwardMethod::Route, Weight::ONE), active_connections:0, inactive_connections:0,persistent_connections:0, stats: Stats::default()};
    dest::encode_entry(&mut attr::Writer::new(&mut msg), &e);
    println!("{}", msg.len());
    let mut v = Vec::new();
    for _ in 0..5 {
    let t = Instant::now();
    for i in 0..1_000_000 { if i % 100 == 0 { v.clear(); } v.push(dest::decode(attr::Attrs::new(std::hint::black_box(&msg), 0), Family::V4).unwrap()); }
    println!("{:?} per 1M", t.elapsed());
    }
}
