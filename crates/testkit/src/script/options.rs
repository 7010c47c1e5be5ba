//! TCP options as a script writes them.

use super::words::{Words, hex};

/// The bytes of `text`, which is what stands between `<` and `>`, padded to a multiple of four.
pub(super) fn options(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for option in text.split(',') {
        let mut words = Words::of(option)?;
        let name = words.expect("an option")?;
        one(name, &mut words, &mut bytes)?;
        words.end()?;
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    if bytes.len() > 40 {
        return Err(format!("the options take {} bytes, there is room for 40", bytes.len()));
    }
    Ok(bytes)
}

fn one(name: &str, words: &mut Words<'_>, bytes: &mut Vec<u8>) -> Result<(), String> {
    match name {
        "eol" => bytes.push(0),
        "nop" => bytes.push(1),
        "mss" => option(bytes, 2, &words.integer::<u16>("a segment size")?.to_be_bytes()),
        "wscale" => option(bytes, 3, &[words.integer::<u8>("a shift")?]),
        "sackOK" => option(bytes, 4, &[]),
        "sack" => option(bytes, 5, &sack_blocks(words)?),
        "TS" => {
            words.exactly("val")?;
            let tsval = words.integer::<u32>("a timestamp")?;
            words.exactly("ecr")?;
            let tsecr = words.integer::<u32>("a timestamp")?;
            option(bytes, 8, &[tsval.to_be_bytes(), tsecr.to_be_bytes()].concat());
        }
        "md5" => option(bytes, 19, &hex(words.expect("a digest")?)?),
        "ao" => {
            let mut body =
                vec![words.integer::<u8>("a key id")?, words.integer("the next key id")?];
            body.extend(hex(words.expect("a code")?)?);
            option(bytes, 29, &body);
        }
        "mptcp" => option(bytes, 30, &hex(words.expect("what follows kind and length")?)?),
        "FO" => option(bytes, 34, &hex(words.next().unwrap_or_default())?),
        "FOEXP" => {
            let mut body = vec![0xf9, 0x89];
            body.extend(hex(words.next().unwrap_or_default())?);
            option(bytes, 254, &body);
        }
        "hex" => bytes.extend(hex(words.expect("bytes")?)?),
        _ => {
            return Err(format!(
                "expected mss, wscale, sackOK, sack, TS, nop, eol, FO, FOEXP, md5, ao, mptcp or \
                 hex, found `{name}`"
            ));
        }
    }
    Ok(())
}

fn option(bytes: &mut Vec<u8>, kind: u8, body: &[u8]) {
    bytes.push(kind);
    bytes.push((body.len() + 2) as u8);
    bytes.extend_from_slice(body);
}

fn sack_blocks(words: &mut Words<'_>) -> Result<Vec<u8>, String> {
    let mut blocks = Vec::new();
    while let Some(word) = words.next() {
        let edges = word.split_once(':').and_then(|(left, right)| {
            Some([left.parse::<u32>().ok()?, right.parse::<u32>().ok()?])
        });
        let edges = edges.ok_or_else(|| format!("expected left:right, found `{word}`"))?;
        blocks.extend(edges.iter().flat_map(|edge| edge.to_be_bytes()));
    }
    Ok(blocks)
}
