//! Bytes of TCP options: decoding loses nothing, and stops only where it must.

use parser::{Options, TcpOption};

pub fn check(data: &[u8]) {
    let found: Vec<_> = Options::new(data).collect();
    let mut again: Vec<u8> = found.iter().flat_map(encoded).collect();
    if found.last() == Some(&TcpOption::EndOfList) {
        // What follows is padding.
        again.extend(&data[again.len()..]);
    }
    assert_eq!(again, data, "{found:?}");

    let (_, before) = found.split_last().unwrap_or((&TcpOption::Nop, &[]));
    let is_last = |option: &&TcpOption<'_>| {
        matches!(option, TcpOption::EndOfList | TcpOption::Malformed { .. })
    };
    assert_eq!(before.iter().find(is_last), None);
    let clocks = found.iter().find_map(|option| match *option {
        TcpOption::Timestamps { tsval, tsecr } => Some((tsval, tsecr)),
        _ => None,
    });
    assert_eq!(Options::new(data).timestamps(), clocks);
    // A cut within the options changes none of those that end before it.
    for cut in 0..data.len().min(40) {
        let part: Vec<_> = Options::new(&data[..cut]).collect();
        let whole = part.len() - usize::from(part.last().is_some_and(|last| is_last(&last)));
        assert_eq!(part[..whole], found[..whole]);
    }
}

/// The bytes of an option, as the RFCs lay them out.
fn encoded(option: &TcpOption<'_>) -> Vec<u8> {
    let long = |body: &[u8]| [&[option.kind(), body.len() as u8 + 2], body].concat();
    match *option {
        TcpOption::EndOfList | TcpOption::Nop => vec![option.kind()],
        TcpOption::Mss(mss) => long(&mss.to_be_bytes()),
        TcpOption::WindowScale(shift) => long(&[shift]),
        TcpOption::SackPermitted => long(&[]),
        TcpOption::Timestamps { tsval, tsecr } => {
            long(&[tsval.to_be_bytes(), tsecr.to_be_bytes()].concat())
        }
        TcpOption::Sack(body)
        | TcpOption::Md5(body)
        | TcpOption::Mptcp { body, .. }
        | TcpOption::FastOpen { cookie: body, kind: 34 }
        | TcpOption::Unknown { body, .. } => long(body),
        TcpOption::FastOpen { cookie, .. } => long(&[&[0xf9, 0x89], cookie].concat()),
        TcpOption::UserTimeout { value, minutes } => {
            long(&(value | u16::from(minutes) << 15).to_be_bytes())
        }
        TcpOption::Ao { key_id, next_key_id, mac } => long(&[&[key_id, next_key_id], mac].concat()),
        TcpOption::Malformed { bytes, .. } => bytes.to_vec(),
    }
}
