//! Interfaces of several kinds, and what happens to them.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use capture::live::{Backend, Live, LiveConfig, LiveError, Notice, drop_privileges};
use capture::{FrameSource, Next};
use parser::{LinkType, Ports};
use pnet::datalink::{self, Channel, Config};
use socket2::{Domain, Socket, Type};

use crate::net::{
    ACK, PATIENCE, SYN, SYN_ACK, Seen, collect_rest, collect_until, config, connect, links,
    make_veth_pair, open, stamps_on_arrival,
};
use crate::peer::{FORBIDDEN, HERE, Peer, THERE, VETH};

/// Who sent, and the control bits.
fn steps(seen: &[Seen]) -> Vec<(IpAddr, u8)> {
    seen.iter().map(|frame| (frame.tcp().source.ip(), frame.tcp().flags)).collect()
}

/// Begins to connect and does not wait for the answer.
fn begin_to_connect(to: SocketAddr) -> Socket {
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    client.set_nonblocking(true).unwrap();
    let begun = client.connect(&to.into()).unwrap_err();
    assert_eq!(begun.raw_os_error(), Some(rustix::io::Errno::INPROGRESS.raw_os_error()));
    client
}

/// Both directions of a connection to another host are seen, each segment once.
pub(super) fn veth(backend: Backend) {
    let peer = Peer::start();
    let mut live = open(VETH, backend);
    let _client = TcpStream::connect(peer.listener).unwrap();
    let seen = collect_rest(&mut live);
    let [here, there] = [HERE, THERE].map(IpAddr::from);
    assert_eq!(steps(&seen), [(here, SYN), (there, SYN_ACK), (here, ACK)]);
    assert!(seen.iter().all(|frame| frame.interface.as_deref() == Some(VETH)));
}

/// An ICMP error passes a filter that its quoted segment passes, and no other.
pub(super) fn icmp_error(backend: Backend) {
    let peer = Peer::start();
    let open = |port, host: Ipv4Addr| {
        let hosts = vec![IpAddr::from(host).into()];
        Live::open(&LiveConfig { ports: vec![Ports::from(port)], hosts, ..config(VETH, backend) })
            .unwrap()
    };
    let mut matching = open(81, FORBIDDEN);
    let mut others = [open(82, FORBIDDEN), open(81, THERE)];
    let target = SocketAddr::from((FORBIDDEN, 81));
    // Linux doesn't end a connect() on an ICMP error that comes while the call is still at work, and
    // then sends the SYN again: this client is gone once it was answered.
    let client = begin_to_connect(target);
    let seen = collect_until(&mut matching, |seen| seen.len() == 2);
    drop(client);
    let [syn, error] = &seen[..] else { panic!("two packets") };
    assert_eq!((syn.tcp().destination, syn.tcp().flags), (target, SYN));
    let (header, quoted) = (&error.packet()[..20], &error.packet()[28..]);
    assert_eq!((header[9], &error.packet()[20..22]), (1, &[3, 13][..]));
    assert_eq!(quoted[20..24], syn.packet()[20..24], "the ports of the SYN");
    for other in &mut others {
        assert_eq!(collect_rest(other), []);
    }
    drop(peer);
}

/// On all interfaces too, and each frame knows its own; pnet doesn't tell.
pub(super) fn any(backend: Backend) {
    let peer = Peer::start();
    let mut live = open("any", backend);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _local = connect(&listener);
    let _remote = TcpStream::connect(peer.listener).unwrap();
    let seen = collect_rest(&mut live);
    let [lo, here, there] = [Ipv4Addr::LOCALHOST, HERE, THERE].map(IpAddr::from);
    assert_eq!(
        steps(&seen),
        [(lo, SYN), (lo, SYN_ACK), (lo, ACK), (here, SYN), (there, SYN_ACK), (here, ACK),]
    );
    let interfaces: Vec<_> = seen.iter().map(|frame| frame.interface.as_deref()).collect();
    let expected = match backend {
        Backend::Ring => [Some("lo"), Some(VETH)],
        Backend::Pnet => [None, None],
    };
    assert_eq!(interfaces, expected.map(|name| [name; 3]).concat());
    assert!(seen.iter().all(|frame| frame.link == LinkType::ETHERNET));
}

/// Frames of several interfaces come in the order of their times.
pub(super) fn several(backend: Backend) {
    let peer = Peer::start();
    let _stamps = stamps_on_arrival(backend);
    let config = LiveConfig { backend, ..LiveConfig::on([VETH, "lo", VETH]) };
    let mut live = Live::open(&config).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut kept = Vec::new();
    for _ in 0..5 {
        kept.push((connect(&listener), TcpStream::connect(peer.listener).unwrap()));
    }
    // Until then every block of the rings is handed over.
    std::thread::sleep(Duration::from_millis(50));
    let seen = collect_rest(&mut live);
    let interfaces: Vec<_> = seen.iter().filter_map(|frame| frame.interface.as_deref()).collect();
    assert_eq!(interfaces, [["lo"; 3], [VETH; 3]].concat().repeat(5));
    assert!(seen.is_sorted_by_key(|frame| frame.timestamp));
    assert!(seen.iter().zip(1..).all(|(frame, number)| frame.number == number));
}

/// An Ethernet frame with a TCP SYN behind a VLAN tag.
fn tagged_syn() -> Vec<u8> {
    let mut frame = [[0xff; 6], [2, 0, 0, 0, 0, 1]].concat();
    frame.extend([0x81, 0x00, 0x20, 0x64, 0x08, 0x00]);
    frame.extend([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 8, 0, 1, 10, 8, 0, 2]);
    frame.extend([0xc0, 0, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, SYN, 0xff, 0xff, 0, 0, 0, 0]);
    frame
}

/// Sends the frame into one end of a veth pair and tells what is seen at both.
fn seen_of_tagged_syn(backend: Backend) -> [Seen; 2] {
    make_veth_pair(None);
    let [mut sent, mut received] = ["veth0", "veth1"].map(|name| open(name, backend));
    let interfaces = datalink::interfaces();
    let interface = interfaces.iter().find(|interface| interface.name == "veth0").unwrap();
    let Ok(Channel::Ethernet(mut sender, _)) = datalink::channel(interface, Config::default())
    else {
        panic!("a channel to send on");
    };
    sender.send_to(&tagged_syn(), None).unwrap().unwrap();
    [&mut sent, &mut received].map(|live| {
        let [frame] = &collect_rest(live)[..] else { panic!("one frame") };
        frame.clone()
    })
}

/// The kernel takes the tag off what it receives; the frame is delivered as it was on the wire.
pub(super) fn vlan_tag_is_put_back(backend: Backend) {
    let frame = tagged_syn();
    for seen in seen_of_tagged_syn(backend) {
        assert_eq!(seen.bytes, frame);
        assert_eq!(seen.wire_len as usize, frame.len());
    }
}

/// pnet doesn't tell the tag that was taken off.
pub(super) fn vlan_tag_is_lost(backend: Backend) {
    let frame = tagged_syn();
    let [sent, received] = seen_of_tagged_syn(backend);
    assert_eq!(sent.bytes, frame);
    assert_eq!(received.bytes, [&frame[..12], &frame[16..]].concat());
}

/// The processor time of this process so far.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(") ").unwrap().1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Reads until there are notices; frames are not expected.
fn wait_for_notices(live: &mut Live) -> Vec<Notice> {
    let end = Instant::now() + PATIENCE;
    loop {
        assert!(matches!(live.next().unwrap(), Next::Idle(_)));
        let notices = live.take_notices();
        if !notices.is_empty() {
            return notices;
        }
        assert!(Instant::now() < end, "no notice came");
    }
}

/// One notice, no spinning, and the capture goes on afterwards.
pub(super) fn down_and_up(backend: Backend) {
    let interface = "lo".to_owned();
    let mut live = open("lo", backend);
    links().down("lo").unwrap();
    assert_eq!(wait_for_notices(&mut live), [Notice::Down { interface: interface.clone() }]);
    let before = processor_time();
    for _ in 0..10 {
        assert!(matches!(live.next().unwrap(), Next::Idle(_)));
    }
    let spent = processor_time().saturating_sub(before);
    assert!(spent <= Duration::from_millis(30), "{spent:?} of a second's waiting");
    assert_eq!(live.take_notices(), []);
    links().up("lo").unwrap();
    assert_eq!(wait_for_notices(&mut live), [Notice::Up { interface }]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _connection = connect(&listener);
    assert_eq!(collect_rest(&mut live).len(), 3);
}

/// An interface that was renamed is still the same: not removed, and captured on as before.
pub(super) fn renamed(backend: Backend) {
    const INDEX: u32 = 4712;
    make_veth_pair(Some(INDEX));
    links().without_arp("veth0").unwrap();
    links().add_address("veth0", HERE, 24).unwrap();
    let mut live = open("veth0", backend);
    // Most interfaces can be renamed only while they are down.
    links().down("veth0").unwrap();
    let down = Notice::Down { interface: "veth0".to_owned() };
    assert_eq!(wait_for_notices(&mut live), [down]);
    links().rename("veth0", "uplink0").unwrap();
    let renamed = Notice::Renamed { interface: "veth0".to_owned(), to: "uplink0".to_owned() };
    assert_eq!(wait_for_notices(&mut live), [renamed]);
    // Another one has its former name, which changes nothing.
    links().add_veth("veth0", "veth2", None, None).unwrap();
    links().up("veth0").unwrap();
    links().up("uplink0").unwrap();
    assert_eq!(wait_for_notices(&mut live), [Notice::Up { interface: "uplink0".to_owned() }]);
    let _client = begin_to_connect((THERE, 80).into());
    let seen = collect_until(&mut live, |seen| !seen.is_empty());
    assert_eq!(steps(&seen), [(HERE.into(), SYN)]);
    links().delete("uplink0").unwrap();
    let mut notices = wait_for_notices(&mut live);
    if notices == [Notice::Down { interface: "uplink0".to_owned() }] {
        notices = wait_for_notices(&mut live);
    }
    assert_eq!(notices.last(), Some(&Notice::Gone { interface: "uplink0".to_owned() }));
    // One that has its index by now is another one, not the same under a new name.
    links().add_veth("other0", "other1", None, Some(INDEX)).unwrap();
    for _ in 0..3 {
        assert!(matches!(live.next().unwrap(), Next::Idle(_)));
    }
    assert_eq!(live.take_notices(), []);
}

/// Tells a child to change interfaces.
pub(crate) const INTERFACES: &str = "CAPTURE_LIVE_INTERFACES";

/// What that child does: a step for each line that it is sent. It has the rights that the capture has
/// dropped.
pub(crate) fn change() {
    let mut order = String::new();
    std::io::stdin().read_line(&mut order).unwrap();
    links().delete("veth0").unwrap();
    std::io::stdin().read_line(&mut order).unwrap();
    make_veth_pair(Some(4711));
    links().without_arp("veth0").unwrap();
    links().add_address("veth0", HERE, 24).unwrap();
}

/// The interface is removed and one of the same name made, after privileges were dropped.
pub(super) fn gone_and_back(backend: Backend) {
    make_veth_pair(None);
    let interface = "veth0".to_owned();
    let mut live = open("veth0", backend);
    let this = std::env::current_exe().unwrap();
    let mut child = Command::new(this).env(INTERFACES, "1").stdin(Stdio::piped()).spawn().unwrap();
    drop_privileges().unwrap();
    let mut orders = child.stdin.take().unwrap();
    writeln!(orders).unwrap();
    let mut notices = wait_for_notices(&mut live);
    if notices == [Notice::Down { interface: interface.clone() }] {
        notices = wait_for_notices(&mut live);
    }
    assert_eq!(notices.last(), Some(&Notice::Gone { interface: interface.clone() }));
    writeln!(orders).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(wait_for_notices(&mut live), [Notice::Replaced { interface }]);
    let _client = begin_to_connect((THERE, 80).into());
    let seen = collect_until(&mut live, |seen| !seen.is_empty());
    assert_eq!(steps(&seen), [(HERE.into(), SYN)]);
}

pub(super) fn unknown_or_down(backend: Backend) {
    let error = |name| Live::open(&config(name, backend)).unwrap_err();
    let LiveError::NoSuchInterface { name, present } = error("nope0") else { panic!() };
    assert_eq!(name, "nope0");
    assert!(present.contains(&"lo".to_owned()), "{present:?}");
    links().down("lo").unwrap();
    let LiveError::InterfaceDown { name } = error("lo") else { panic!() };
    assert_eq!(name, "lo");
    let nothing = LiveConfig::on(Vec::<String>::new());
    assert!(matches!(Live::open(&nothing), Err(LiveError::NoInterface)));
    let config =
        LiveConfig { ports: (0..2000).map(Ports::from).collect(), ..config("any", backend) };
    let Err(LiveError::FilterTooLong { instructions, most: 4096 }) = Live::open(&config) else {
        panic!()
    };
    assert!(instructions > 4096);
}
