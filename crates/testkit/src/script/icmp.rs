//! ICMP errors as a script names them.

use super::words::Words;

/// Type, code and the four bytes after the checksum.
pub(super) fn kind(words: &mut Words<'_>, v6: bool) -> Result<(u8, u8, u32), String> {
    let name = words.expect("what the ICMP error says")?;
    Ok(match (name, v6) {
        ("unreachable", v6) => {
            let (kind, code) = unreachable(words.expect("what is unreachable")?, v6)?;
            (kind, code, 0)
        }
        ("fragmentation_needed", false) => (3, 4, words.integer::<u16>("an MTU")?.into()),
        ("packet_too_big", true) => (2, 0, words.integer("an MTU")?),
        ("ttl_exceeded", false) => (11, 0, 0),
        ("ttl_exceeded", true) => (3, 0, 0),
        (numbers, _) => {
            let both = numbers
                .split_once('/')
                .and_then(|(kind, code)| Some((kind.parse().ok()?, code.parse().ok()?)));
            let (kind, code) = both.ok_or_else(|| {
                format!(
                    "expected `unreachable`, `ttl_exceeded`, `fragmentation_needed` (IPv4), \
                     `packet_too_big` (IPv6) or TYPE/CODE, found `{numbers}`"
                )
            })?;
            (kind, code, 0)
        }
    })
}

/// The codes of type 3 (RFC 792, RFC 1812) and of `ICMPv6` type 1 (RFC 4443).
fn unreachable(what: &str, v6: bool) -> Result<(u8, u8), String> {
    const V4: [(&str, u8); 5] =
        [("net", 0), ("host", 1), ("protocol", 2), ("port", 3), ("admin", 13)];
    const V6: [(&str, u8); 4] = [("net", 0), ("admin", 1), ("host", 3), ("port", 4)];
    let (kind, codes): (u8, &[_]) = if v6 { (1, &V6) } else { (3, &V4) };
    let code = codes.iter().find(|(name, _)| *name == what);
    code.map(|(_, code)| (kind, *code)).ok_or_else(|| {
        let names: Vec<_> = codes.iter().map(|(name, _)| *name).collect();
        format!("expected {}, found `{what}`", names.join(", "))
    })
}
