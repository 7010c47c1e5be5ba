"""Captures for the tests: hours of connections in files of many kinds."""

import gzip
import random
import struct
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from capture_times import SECOND

# 2026-11-26 22:40 UTC: the capture goes on beyond midnight.
BEGIN = 1_795_732_800 * SECOND
FILES, LENGTH = 8, 20 * 60 * SECOND
SYN, RST, ACK = 2, 4, 16

Packet = tuple[int, bytes]
# The formats of the files, by turns.
Format = Callable[[list[Packet]], bytes]


def packet(time: int, ends: tuple[int, int, int, int], seq: int, ack: int, flags: int) -> Packet:
    """A TCP segment in IPv4: hosts and ports of both ends as numbers."""
    seq, ack = seq % 2**32, ack % 2**32
    source, source_port, target, target_port = ends
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40, seq % 2**16, 0, 64, 6, 0, source, target)
    tcp = struct.pack(">HHIIBBHHH", source_port, target_port, seq, ack, 0x50, flags, 65_535, 0, 0)
    return time, ip + tcp


def attempt(number: int, begins: int, times: tuple[int, ...]) -> list[Packet]:
    """The SYNs of a client at these seconds; if there is one only, the handshake is completed."""
    there = (0x0A00_0000 + number, 10_000 + number % 50_000, 0xC000_0201, 443 + number % 3)
    back = (*there[2:], *there[:2])
    isn = number * 7_919
    packets = [packet(begins + after * SECOND, there, isn, 0, SYN) for after in times]
    if len(times) == 1:
        packets.append(packet(begins + SECOND, back, isn * 3, isn + 1, SYN | ACK))
        packets.append(packet(begins + 2 * SECOND, there, isn + 1, isn * 3 + 1, ACK))
    return packets


def traffic() -> list[Packet]:
    """Connections over the bounds of files and windows, SYNs that are sent again there, a flood."""
    packets: list[Packet] = []
    for number in range(FILES * 120):
        packets += attempt(number, BEGIN + number * 10 * SECOND + 9_500_000_000, (0,))
    for bound in range(1, 2 * FILES):
        begins = BEGIN + bound * LENGTH // 2 - 10 * SECOND + bound * 1_000
        packets += attempt(100_000 + bound, begins, (0, 1, 3, 7, 15, 31))
    for number in range(3_000):
        begins = BEGIN + 3 * LENGTH - 5 * SECOND + number * 3_333_000
        packets += attempt(200_000 + number, begins, (0, 1))
    return sorted(packets)


def pcap(order: str, unit: int) -> Format:
    """The format pcap with a byte order and a unit of time in nanoseconds."""

    def written(packets: list[Packet]) -> bytes:
        magic = 0xA1B2C3D4 if unit == 1_000 else 0xA1B23C4D
        parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65_535, 101)]
        for time, data in packets:
            seconds, rest = divmod(time, SECOND)
            parts.append(struct.pack(order + "IIII", seconds, rest // unit, len(data), len(data)) + data)
        return b"".join(parts)

    return written


def block(kind: int, body: bytes) -> bytes:
    """A block of pcapng."""
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def pcapng_head(resolution: int) -> bytes:
    """A section, and an interface with this power of ten as its resolution."""
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack("<HHBxxxHH", 9, 1, resolution, 0, 0)
    return section + block(1, struct.pack("<HHI", 101, 0, 0) + options)


def pcapng(resolution: int) -> Format:
    """The format pcapng with ticks of this power of ten."""

    def written(packets: list[Packet]) -> bytes:
        parts = [pcapng_head(resolution)]
        for time, data in packets:
            ticks = time // 10 ** (9 - resolution)
            times = struct.pack("<III", 0, ticks >> 32, ticks % 2**32)
            lengths = struct.pack("<II", len(data), len(data))
            parts.append(block(6, times + lengths + data + bytes(-len(data) % 4)))
        return b"".join([*parts, block(5, struct.pack("<III", 0, 0, 0))])

    return written


def without_times(packets: list[Packet]) -> bytes:
    """The format pcapng with simple packets."""
    return pcapng_head(9) + b"".join(block(3, struct.pack("<I", len(data)) + data) for _, data in packets)


def make(folder: Path) -> None:
    """Writes the files of the traffic, and some that are broken, empty or no captures."""
    plain, swapped = pcap("<", 1), pcap(">", 1_000)
    formats: list[tuple[str, Format]] = [
        ("pcap", plain),
        ("pcap.gz", lambda packets: gzip.compress(plain(packets))),
        ("pcapng", pcapng(9)),
        ("pcap", swapped),
        ("pcap.gz", lambda packets: gzip.compress(pcapng(6)(packets))),
        ("pcapng", pcapng(6)),
    ]
    (folder / "deeper" / "nothing").mkdir(parents=True)
    files: list[list[Packet]] = [[] for _ in range(FILES)]
    for one in traffic():
        files[min((one[0] - BEGIN) // LENGTH, FILES - 1)].append(one)
    for number, packets in enumerate(files):
        suffix, written = formats[number % len(formats)]
        place = folder / "deeper" if number % 3 == 0 else folder
        (place / f"{number:02}.{suffix}").write_bytes(written(packets))
    others = (attempt(300_000 + at, BEGIN + LENGTH + at * SECOND, (0,)) for at in range(100))
    broken = plain(sorted(chain.from_iterable(others)))
    (folder / "broken.pcap").write_bytes(broken[:-30])
    squeezed = gzip.compress(plain(attempt(400_000, BEGIN + LENGTH, (0,)) * 50))
    (folder / "broken.pcap.gz").write_bytes(squeezed[:-40])
    (folder / "noise.pcap").write_bytes(random.Random(1).randbytes(5_000))
    (folder / "notes.txt").write_text("This is no capture.\n")
    (folder / "empty.pcap").write_bytes(plain([]))
    (folder / "untimed.pcapng").write_bytes(without_times(attempt(500_000, BEGIN, (0,))))
