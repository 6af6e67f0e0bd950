//! A table with everything that listings can show, and traffic through it.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Lines that make a table with every feature which a save file can hold, and with schedulers of all kinds.
pub const TABLE: &str = "\
-A -t 10.0.0.1:80 -s wrr
-a -t 10.0.0.1:80 -r 10.0.0.11:8080 -m -w 3
-a -t 10.0.0.1:80 -r 10.0.0.12 -i -w 0
-A -t 10.0.0.1:443 -s sh -p 600 -M 255.255.255.0 -b sh-fallback,sh-port
-a -t 10.0.0.1:443 -r 10.0.0.11 -g
-A -u 10.0.0.1:53 -s rr -o
-a -u 10.0.0.1:53 -r 10.0.0.11 -m
-A -u 10.0.0.1:5060 -s rr -p 300 --pe sip
-a -u 10.0.0.1:5060 -r 10.0.0.12 -m
-A --sctp-service 10.0.0.1:3868 -s mh -b mh-fallback,mh-port
-a --sctp-service 10.0.0.1:3868 -r 10.0.0.13 -i --tun-type gue --tun-port 6080 --tun-remcsum
-A -t 10.0.0.2:0 -p
-a -t 10.0.0.2:0 -r 10.0.0.13 -i --tun-type gre --tun-csum
-A -f 7 -s lblcr -b flag-1,flag-2
-a -f 7 -r 10.0.0.14:90 -m -w 5
-A -f 7 -6 -s lblc -p 60 -M 64
-a -f 7 -6 -r [2001:db8::12]:443 -m
-A -t [2001:db8::1]:80 -s dh
-a -t [2001:db8::1]:80 -r [2001:db8::11]:80 -m
-a -t [2001:db8::1]:80 -r 10.0.0.15 -i
-A -u [2001:db8::1]:53 -s ovf -p 10 -M 64
-a -u [2001:db8::1]:53 -r [2001:db8::12]:53 -m -w 2
-A -t 172.16.0.1:80 -s none
-A -t 192.168.7.1:80 -s nq
-a -t 192.168.7.1:80 -r 192.168.1.1:80 -m
-a -t 192.168.7.1:80 -r 172.16.5.5:80 -m
";

/// The schedulers of the kernel.
pub const SCHEDULERS: [&str; 13] =
    ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"];

const CALL: &[u8] = b"INVITE sip:a@vip.example SIP/2.0\r\nCall-ID: a84b4c76e66710@pc33.example\r\n\r\n";

/// Sends packets to services of [`TABLE`] from the calling thread's namespace. Nobody answers; the connections stay.
///
/// # Errors
///
/// A socket cannot be made or bound.
pub fn send() -> Result<()> {
    for (from, to, bytes) in [
        ("10.0.0.254:40000", "10.0.0.1:5060", CALL),
        ("10.0.0.254:40001", "10.0.0.1:53", b"one-packet".as_slice()),
        ("[2001:db8::254]:40002", "[2001:db8::1]:53", b"v6"),
        ("[2001:db8::254]:40003", "[2001:db8::1]:53", b"v6 again"),
    ] {
        let socket = UdpSocket::bind(from).context(from)?;
        socket.connect(to).context(to)?;
        // Refused or unreachable is as good as silence: the packet went through the table.
        let _ = socket.send(bytes);
    }
    for to in ["10.0.0.1:80", "10.0.0.1:80", "10.0.0.1:443", "[2001:db8::1]:80", "192.168.7.1:80", "10.0.0.2:8080"] {
        let address: SocketAddr = to.parse()?;
        let _ = TcpStream::connect_timeout(&address, Duration::from_millis(20));
    }
    Ok(())
}
