//! Compressed streams: gzip, zstd and lz4, of one or several members.

use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder as ZstdDecoder};

use super::allowance::{Allowance, TooLong};
use super::budget::Held;
use super::stream::Stream;

/// How far back a zstd stream may refer, which is the memory that reading it takes. What `zstd`
/// writes without `--ultra` or `--long` needs 8 MiB at most.
const MAX_ZSTD_WINDOW: u64 = 8 << 20;
/// What a gzip decompressor holds: 32 KiB of window, tables, and bytes before and after.
const GZIP_MEMORY: usize = 128 << 10;
/// What a zstd decompressor holds beside its window: blocks, tables, and compressed bytes.
const ZSTD_MEMORY: usize = 512 << 10;

/// A broken stream takes what one call has decompressed with it, so calls are kept short.
const STEP: usize = 16 << 10;

/// A compression that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Lz4,
}

impl Compression {
    /// The compression of a stream that begins so.
    pub(super) const fn of(magic: [u8; 4]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, _, _] => Some(Self::Gzip),
            // What pzstd writes begins with a frame to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// The command that decompresses a file.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -d",
            Self::Zstd => "zstd -d",
            Self::Lz4 => "lz4 -d",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }

    /// Decompresses `stream`. Errors of the result are complete sentences, except for those of the
    /// operating system. `allowance` says how long it may become, and counts what it holds.
    pub(super) fn decompress(self, stream: Stream, allowance: &Allowance) -> Stream {
        let source = Source { stream: BufReader::with_capacity(STEP, stream), ended: false };
        Box::new(Decompress {
            compression: self,
            state: Decompressor::Between(source),
            len: 0,
            allowance: allowance.clone(),
            held: None,
        })
    }

    fn explain(self, error: io::Error) -> io::Error {
        let name = self.name();
        if let Some(too_long) = TooLong::behind(&error) {
            return too_long.into();
        }
        let too_large = error.get_ref().and_then(|inner| inner.downcast_ref::<FrameDecoderError>());
        let sentence = if error.raw_os_error().is_some() || error.kind() == ErrorKind::Interrupted {
            return error;
        } else if let Some(FrameDecoderError::WindowSizeTooBig { requested, .. }) = too_large {
            format!(
                "the zstd stream needs a window of {} MiB, {} are allowed: \
                 use `zstd -dc --long=31 FILE | synscope replay -`",
                requested.div_ceil(1 << 20),
                MAX_ZSTD_WINDOW >> 20
            )
        } else if error.kind() == ErrorKind::UnexpectedEof {
            format!("the {name} stream breaks off")
        } else {
            format!("the {name} stream is broken: {error}")
        };
        io::Error::new(ErrorKind::InvalidData, sentence)
    }
}

/// The compressed bytes. Remembers whether their end was met: the lz4 decoder takes the end of the
/// stream between two blocks for the end of the member.
struct Source {
    stream: BufReader<Stream>,
    ended: bool,
}

impl Read for Source {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(space)?;
        self.ended |= count == 0 && !space.is_empty();
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.stream.consume(count);
    }
}

/// The magic number and the two bytes after it, which have been read already.
type Head = [u8; 6];
/// A member's head and what follows it.
type Member = Chain<Cursor<Head>, Source>;

struct Decompress {
    compression: Compression,
    state: Decompressor,
    /// How much it has given.
    len: u64,
    allowance: Allowance,
    /// The memory of the current member.
    held: Option<Held>,
}

enum Decompressor {
    Between(Source),
    /// Its calls are all alike, so that a broken stream takes the same bytes with it whenever it is read.
    Gzip(Box<BufReader<GzDecoder<Member>>>),
    Zstd(Box<Zstd>),
    Lz4(Box<Lz4Decoder<Member>>),
    Ended,
}

impl Read for Decompress {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let step = space.len().min(STEP);
        let space = &mut space[..step];
        loop {
            let count = self.step(space).map_err(|error| self.compression.explain(error))?;
            self.len += count as u64;
            if !self.allowance.covers(self.len) {
                return Err(TooLong::new(self.compression.name()).into());
            }
            if count > 0 || matches!(self.state, Decompressor::Ended) {
                return Ok(count);
            }
        }
    }
}

impl Decompress {
    /// Decompresses something, or goes from one member to the next.
    fn step(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.state {
            Decompressor::Between(_) | Decompressor::Ended => 0,
            Decompressor::Gzip(decoder) => decoder.read(space)?,
            Decompressor::Zstd(zstd) => zstd.read(space)?,
            Decompressor::Lz4(decoder) => {
                let count = decoder.read(space)?;
                if count == 0 && decoder.get_ref().get_ref().1.ended {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                count
            }
        };
        if count == 0 {
            self.held = None;
            self.state = match std::mem::replace(&mut self.state, Decompressor::Ended) {
                Decompressor::Between(source) => self.begin(source)?,
                Decompressor::Gzip(decoder) => {
                    Decompressor::Between(decoder.into_inner().into_inner().into_inner().1)
                }
                Decompressor::Zstd(zstd) => Decompressor::Between(zstd.source),
                Decompressor::Lz4(decoder) => {
                    Decompressor::Between(decoder.into_inner().into_inner().1)
                }
                Decompressor::Ended => Decompressor::Ended,
            };
        }
        Ok(count)
    }

    /// Begins the next member, where there is one.
    fn begin(&mut self, mut source: Source) -> io::Result<Decompressor> {
        if source.fill_buf()?.is_empty() {
            return Ok(Decompressor::Ended);
        }
        let mut magic = [0; 4];
        source.read_exact(&mut magic)?;
        let Some(compression) = Compression::of(magic) else {
            let sentence = format!("{magic:02x?} stands where a member should begin");
            return Err(io::Error::new(ErrorKind::InvalidData, sentence));
        };
        self.compression = compression;
        // Both zstd and lz4 let applications put frames of their own between the others.
        if let [0x50..=0x5f, ..] = magic {
            let mut len = [0; 4];
            source.read_exact(&mut len)?;
            io::copy(&mut source.by_ref().take(u32::from_le_bytes(len).into()), &mut io::sink())?;
            return Ok(Decompressor::Between(source));
        }
        let mut head = [0; 6];
        head[..4].copy_from_slice(&magic);
        source.read_exact(&mut head[4..])?;
        let member = |source| Cursor::new(head).chain(source);
        let (state, memory) = match self.compression {
            Compression::Gzip => {
                let decoder = GzDecoder::new(member(source));
                let decoder = BufReader::with_capacity(STEP, decoder);
                (Decompressor::Gzip(Box::new(decoder)), GZIP_MEMORY)
            }
            Compression::Lz4 => {
                (Decompressor::Lz4(Box::new(Lz4Decoder::new(member(source)))), lz4_memory(head))
            }
            Compression::Zstd => {
                let zstd = Zstd::begin(head, source)?;
                let memory = zstd_memory(head, zstd.decoder.content_size());
                (Decompressor::Zstd(Box::new(zstd)), memory)
            }
        };
        // The one before it is gone.
        self.held = None;
        self.held = Some(self.allowance.budget().hold(memory));
        Ok(state)
    }
}

/// What reading an lz4 frame takes: a compressed block, and one or, where blocks refer to those before
/// them, two decompressed ones (LZ4 Frame Format 1.6.1, BD and FLG).
fn lz4_memory([.., flags, block]: Head) -> usize {
    let block = 1 << (8 + 2 * (block >> 4 & 7));
    if flags & 0x20 == 0 { 3 * block } else { 2 * block }
}

/// What reading a zstd frame takes (RFC 8878, 3.1.1.1): a frame of a single segment has a window of
/// the size of its content.
fn zstd_memory([.., descriptor, window]: Head, content: u64) -> usize {
    let window = if descriptor & 0x20 == 0 {
        let base = 1_u64 << (10 + (window >> 3));
        base + base / 8 * u64::from(window & 7)
    } else {
        content
    };
    // The decoder's ring has a power of two.
    window.min(MAX_ZSTD_WINDOW).next_power_of_two() as usize + ZSTD_MEMORY
}

/// A zstd frame.
struct Zstd {
    decoder: ZstdDecoder,
    source: Source,
    failure: Option<io::Error>,
}

impl Zstd {
    fn begin(head: Head, mut source: Source) -> io::Result<Self> {
        let mut decoder = ZstdDecoder::new();
        decoder.set_max_window_size(MAX_ZSTD_WINDOW);
        decoder.init(Cursor::new(head).chain(&mut source)).map_err(io::Error::other)?;
        Ok(Self { decoder, source, failure: None })
    }

    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if self.decoder.is_finished() {
                return Ok(0);
            }
            let step = BlockDecodingStrategy::UptoBlocks(1);
            if let Err(error) = self.decoder.decode_blocks(&mut self.source, step) {
                self.failure = Some(zstd_error(error, self.source.ended));
                self.release_window();
            }
        }
        self.decoder.read(space)
    }

    /// Until its frame ends the decoder holds back what later blocks may refer to. A frame that
    /// breaks off is ended by an empty last block and any checksum.
    fn release_window(&mut self) {
        const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
        let step = BlockDecodingStrategy::UptoBlocks(1);
        // Should it fail, the failure that is already there is the one to tell.
        let _ = self.decoder.decode_blocks(&LAST_BLOCK[..], step);
    }
}

fn zstd_error(error: FrameDecoderError, source_ended: bool) -> io::Error {
    if source_ended {
        return ErrorKind::UnexpectedEof.into();
    }
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_lz4_frame_takes_follows_from_its_blocks() {
        const INDEPENDENT: u8 = 0x60;
        const LINKED: u8 = 0x40;
        for (flags, block, blocks, size) in [
            (INDEPENDENT, 0x40, 2, 64 << 10),
            (INDEPENDENT, 0x50, 2, 256 << 10),
            (INDEPENDENT, 0x60, 2, 1 << 20),
            (INDEPENDENT, 0x70, 2, 4 << 20),
            (LINKED, 0x40, 3, 64 << 10),
            (LINKED, 0x70, 3, 4 << 20),
            // The highest bit is reserved.
            (LINKED, 0xf0, 3, 4 << 20),
        ] {
            let memory = lz4_memory([0x04, 0x22, 0x4d, 0x18, flags, block]);
            assert_eq!(memory, blocks * size, "{flags:x} {block:x}");
        }
    }

    #[test]
    fn what_a_zstd_frame_takes_follows_from_its_window() {
        const SINGLE_SEGMENT: u8 = 0x20;
        for (descriptor, window, content, size) in [
            (0, 0x00, 0, 1 << 10),
            (0, 0x40, 0, 256 << 10),
            // An eighth more of it for each unit of the lowest bits; the ring has a power of two.
            (0, 0x41, 0, 512 << 10),
            (0, 0x47, 0, 512 << 10),
            (0, 0x68, 0, 8 << 20),
            (0, 0xff, 0, 8 << 20),
            (SINGLE_SEGMENT, 0xff, 1 << 20, 1 << 20),
            (SINGLE_SEGMENT, 0xff, (1 << 20) + 1, 2 << 20),
            (SINGLE_SEGMENT, 0x00, u64::MAX, 8 << 20),
        ] {
            let memory = zstd_memory([0x28, 0xb5, 0x2f, 0xfd, descriptor, window], content);
            assert_eq!(memory, size + ZSTD_MEMORY, "{descriptor:x} {window:x} {content}");
        }
    }
}
