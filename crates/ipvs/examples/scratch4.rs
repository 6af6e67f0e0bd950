#![allow(warnings, unsafe_code, clippy::all)]
// prototype: pipelined dest dumps by linux aio
use ipvs::*; use ipvs::wire::*; use ipvs::wire::genl::*;
#[repr(C)] #[derive(Clone,Copy)] struct Iocb { data: u64, key: u32, rw_flags: i32, opcode: u16, prio: i16, fd: u32, buf: u64, nbytes: u64, offset: i64, r2: u64, flags: u32, resfd: u32 }
#[repr(C)] #[derive(Clone,Copy)] struct Ev { data: u64, obj: u64, res: i64, res2: i64 }
fn main() {
 let a: Vec<usize> = std::env::args().skip(1).map(|x| x.parse().unwrap()).collect(); // window k slot
 let (w,k,slot)=(a[0],a[1],a[2]);
 let mut c = Client::open().unwrap();
 let s = c.services().unwrap();
 let t=std::time::Instant::now();
 unsafe {
 let fd = libc::socket(libc::AF_NETLINK, libc::SOCK_RAW|libc::SOCK_NONBLOCK, 16);
 let mut sa: libc::sockaddr_nl = std::mem::zeroed(); sa.nl_family=16; assert!(libc::connect(fd, &sa as *const _ as *const _, 12)==0);
 let mut ctx: u64 = 0; assert!(libc::syscall(libc::SYS_io_setup, w*(k+1), &mut ctx as *mut u64)==0);
 let mut buf = vec![0u8; w*k*slot]; let mut evs = vec![Ev{data:0,obj:0,res:0,res2:0}; w*(k+1)];
 let fam: u16 = std::env::var("FAM").map_or(28, |v| v.parse().unwrap());
 let mut n=0; let mut busy=0; let mut dests=Vec::new(); let mut calls=0;
 for chunk in s.chunks(w) {
  let mut reqs = Vec::with_capacity(w*80); let mut pos=vec![];
  for (i,e) in chunk.iter().enumerate() { let st=reqs.len(); request::encode_query(&mut reqs, fam, i as u32+1, 0x300, Command::GetDest, Some(&e.service.key)); pos.push((st,reqs.len()-st)); }
  let mut cbs=Vec::with_capacity(w*(k+1));
  for (i,p) in pos.iter().enumerate() {
    cbs.push(Iocb{data:1<<32,key:0,rw_flags:0,opcode:1,prio:0,fd:fd as u32,buf:reqs.as_ptr() as u64+p.0 as u64,nbytes:p.1 as u64,offset:0,r2:0,flags:0,resfd:0});
    for j in 0..k { cbs.push(Iocb{data:(i*k+j) as u64,key:0,rw_flags:0,opcode:0,prio:0,fd:fd as u32,buf:buf.as_ptr() as u64+((i*k+j)*slot) as u64,nbytes:slot as u64,offset:0,r2:0,flags:0,resfd:0}); }
  }
  let ptrs: Vec<*const Iocb> = cbs.iter().map(|c| c as *const _).collect();
  let r = libc::syscall(libc::SYS_io_submit, ctx, ptrs.len(), ptrs.as_ptr()); assert_eq!(r as usize, ptrs.len());
  let r = libc::syscall(libc::SYS_io_getevents, ctx, ptrs.len(), ptrs.len(), evs.as_mut_ptr(), 0usize); assert_eq!(r as usize, ptrs.len());
  calls+=2;
  for e in &evs[..r as usize] { if e.data>>32!=0 {continue} if e.res<0 { continue }
    let b=&buf[e.data as usize*slot..][..e.res as usize];
    for m in Messages::new(b) { let m=m.unwrap(); match m.kind { 3=>{ n+=dests.len(); dests.clear(); }, 2=>busy+=1, _=> dests.push(dest::decode(m.generic().unwrap().1, model::Family::V4).unwrap()) } }
  }
 }
 eprintln!("aio w {w} k {k} slot {slot}: {n} busy {busy} {:?} calls {calls}", t.elapsed());
 }
 if a.len()>3 { for _ in 0..2 { let t=std::time::Instant::now(); let mut n=0; c.dests_of_each::<Error>(&s, |_,d| {n+=d.len(); Ok(())}).unwrap(); eprintln!("mmsg {n} {:?}", t.elapsed()); }}
}
