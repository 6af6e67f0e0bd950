#![allow(warnings)]
use std::process::*; use std::time::*;
fn main() { // n, then commands separated by --
 let a: Vec<String> = std::env::args().skip(1).collect(); let n: usize = a[0].parse().unwrap();
 let cmds: Vec<Vec<String>> = a[1..].split(|x| x=="--").map(|x| x.to_vec()).collect(); let mut ts = vec![vec![]; cmds.len()];
 for _ in 0..n { for (c,t) in cmds.iter().zip(&mut ts) { let mut k = Command::new(&c[0]); k.args(&c[1..]).stdout(Stdio::null()).stderr(Stdio::null()); let s=Instant::now(); k.status().unwrap(); t.push(s.elapsed().as_secs_f64()*1e3); } }
 for (c,t) in cmds.iter().zip(&mut ts) { t.sort_by(|a,b| a.total_cmp(b)); println!("{:60} min {:8.2} q1 {:8.2} median {:8.2}", c.join(" ").replace("/work/tmp-target-ipvslib/release/examples/",""), t[0], t[t.len()/4], t[t.len()/2]); }
}
