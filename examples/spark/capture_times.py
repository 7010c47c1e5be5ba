"""When a capture file begins and ends.

A plain pcap or pcapng file of more than 1 MiB says it in its head and its tail, if times go on from the one
to seven places in between, and to the other: by the same places synscope decides whether it reads such a
file. Of any other file (small, compressed, broken off, out of order, with interfaces that appear late)
synscope reads all.
"""

import json
import os
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

SECOND = 1_000_000_000
# synscope looks at all times of a file of this size, and no further into the ends of a larger one.
SMALL, HEAD, TAIL = 1 << 20, 64 << 10, 256 << 10
# At so many places between the ends it looks at so many bytes: at more where less shows too little.
PLACES, LOOKS = 7, (16 << 10, 256 << 10)
# So many whole records after each other are no chance. What claims to be longer is seldom one.
ENOUGH, LONGEST = 2, 256 << 10
# The first bytes of pcap files: the byte order, and what a unit of a fraction is in nanoseconds.
PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
PCAPNG = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, SIMPLE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 3, 4, 5, 6
IF_TSRESOL, IF_TSOFFSET = 9, 14

Clock = Callable[[int], int]
# The length and the time of a record at a place; 0 if there is none. It may go on after the bytes.
Record = Callable[[bytes, int], tuple[int, int | None]]


@dataclass(frozen=True)
class Capture:
    """A file, and when its first and last frames were captured, in nanoseconds since 1970 UTC.

    The times are None where they are not known. `problem` says why a file can't be read.
    """

    path: str
    first: int | None = None
    last: int | None = None
    problem: str | None = None


def look_at(path: str, synscope: str) -> Capture:
    """Tells when a file begins and ends, by a few places of it if they say it."""
    try:
        times = times_of_places(path) if os.path.getsize(path) > SMALL else None
    except OSError as error:
        return Capture(path, problem=f"{error.strerror}")
    return asked(path, synscope) if times is None else Capture(path, *times)


def times_of_places(path: str) -> tuple[int, int] | None:
    """The times of the first and the last frame of a plain file in which times go on."""
    head, tail = ends(path)
    times = times_of_ends(head, tail)
    record = records(head)
    if times is None or record is None:
        return None
    step = 1 if head[:4] in PCAP else 4
    first, last = times
    latest = first
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        for place in range(1, PLACES + 1):
            at = (size // (PLACES + 1) * place + 3) // 4 * 4
            looks = (time_within(part(file, at, most), step, record) for most in LOOKS)
            time = next((time for time in looks if time is not None), None)
            if time is None or time < latest:
                return None
            latest = time
    return (first, last) if latest <= last else None


def part(file: BinaryIO, at: int, most: int) -> bytes:
    """The bytes of a file from a place on."""
    file.seek(at)
    return file.read(most)


def time_within(part: bytes, step: int, record: Record) -> int | None:
    """The time of the last whole record in the first chain of records that leads to the end."""
    seen: set[int] = set()
    for start in range(0, len(part), step):
        at, count, latest = start, 0, None
        while at < len(part) and at not in seen:
            seen.add(at)
            length, time = record(part, at)
            if length == 0:
                break
            if at + length <= len(part):
                count, latest = count + 1, latest if time is None else time
            at += length
        if at >= len(part) and count >= ENOUGH and latest is not None:
            return latest
    return None


def records(head: bytes) -> Record | None:
    """What finds the records of the plain file that begins so."""
    if head[:4] in PCAP:
        return records_of_pcap(*PCAP[head[:4]])
    begins = head_of_pcapng(head) if head[:4] == PCAPNG else None
    return None if begins is None else records_of_pcapng(*begins[1:])


def ends(path: str) -> tuple[bytes, bytes]:
    """The head and the tail of a file; in a small one they overlap."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
        return head, file.read(TAIL)


def times_of_ends(head: bytes, tail: bytes) -> tuple[int, int] | None:
    """The times of the first and the last frame of a plain file; None where they are not clear."""
    try:
        if head[:4] in PCAP:
            return times_of_pcap(head, tail, *PCAP[head[:4]])
        return times_of_pcapng(head, tail) if head[:4] == PCAPNG else None
    except struct.error:
        return None


def times_of_pcap(head: bytes, tail: bytes, order: str, unit: int) -> tuple[int, int] | None:
    """The first record follows the header of the file. The last one ends where the file ends."""
    header = struct.Struct(order + "III")
    seconds, fraction, _ = header.unpack_from(head, 24)
    lasts = []
    for at in range(len(tail) - 15):
        second, part, length = header.unpack_from(tail, at)
        if length == len(tail) - at - 16 and part * unit < SECOND:
            lasts.append(second * SECOND + part * unit)
    if not lasts or fraction * unit >= SECOND:
        return None
    # What looks like a record by chance makes the file seem longer, which does no harm.
    return seconds * SECOND + fraction * unit, max(lasts)


def records_of_pcap(order: str, unit: int) -> Record:
    """What finds records in the middle of such a file."""
    header = struct.Struct(order + "IIII")

    def record(part: bytes, at: int) -> tuple[int, int | None]:
        if at + header.size > len(part):
            return header.size, None
        second, fraction, length, wire = header.unpack_from(part, at)
        if not 0 < length <= wire <= LONGEST or fraction * unit >= SECOND:
            return 0, None
        return header.size + length, second * SECOND + fraction * unit

    return record


def times_of_pcapng(head: bytes, tail: bytes) -> tuple[int, int] | None:
    """The first packet has its time after the interfaces; the last one is looked for backwards."""
    begins = head_of_pcapng(head)
    if begins is None:
        return None
    at, order, clocks = begins
    first = time_of_packet(head, at, clocks, order)
    last = last_of_pcapng(tail, clocks, order)
    return None if first is None or last is None else (first, last)


def head_of_pcapng(head: bytes) -> tuple[int, str, list[Clock]] | None:
    """The place of the first packet, the byte order, and the clocks of the interfaces before it."""
    order = "<" if head[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    clocks: list[Clock] = []
    at = 0
    while True:
        kind, length = struct.unpack_from(order + "II", head, at)
        if kind == PACKET:
            return at, order, clocks
        if kind == INTERFACE:
            clocks.append(clock_of(head[at + 16 : at + length - 4], order))
        if kind not in (SECTION, INTERFACE, NAMES) or length < 12:
            return None
        at += length


def records_of_pcapng(order: str, clocks: list[Clock]) -> Record:
    """What finds blocks in the middle of a file with these interfaces."""

    def record(part: bytes, at: int) -> tuple[int, int | None]:
        if at + 8 > len(part):
            return 8, None
        kind, length = struct.unpack_from(order + "II", part, at)
        if kind not in (INTERFACE, NAMES, STATISTICS, PACKET) or not 12 <= length <= LONGEST or length % 4:
            return 0, None
        if at + length > len(part):
            return length, None
        if struct.unpack_from(order + "I", part, at + length - 4) != (length,):
            return 0, None
        if kind != PACKET:
            return length, None
        captured = struct.unpack_from(order + "I", part, at + 20)[0] if length >= 32 else length
        time = time_of_packet(part, at, clocks, order) if captured <= length - 32 else None
        return 0 if time is None else length, time

    return record


def last_of_pcapng(tail: bytes, clocks: list[Clock], order: str) -> int | None:
    """Each block ends with its length, so that the last packet can be found from the end."""
    end = len(tail)
    while end >= 12:
        (length,) = struct.unpack_from(order + "I", tail, end - 4)
        at = end - length
        if length < 12 or at < 0:
            return None
        kind, begin = struct.unpack_from(order + "II", tail, at)
        if begin != length or kind not in (PACKET, STATISTICS, NAMES):
            return None
        if kind == PACKET:
            return time_of_packet(tail, at, clocks, order)
        end = at
    return None


def time_of_packet(block: bytes, at: int, clocks: list[Clock], order: str) -> int | None:
    """The time of the enhanced packet block at this place."""
    interface, high, low = struct.unpack_from(order + "III", block, at + 8)
    return clocks[interface](high << 32 | low) if interface < len(clocks) else None


def clock_of(options: bytes, order: str) -> Clock:
    """What makes nanoseconds of the ticks of an interface with these options."""
    resolution, offset, at = 6, 0, 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == IF_TSRESOL:
            resolution = options[at + 4]
        elif code == IF_TSOFFSET:
            (offset,) = struct.unpack_from(order + "q", options, at + 4)
        at += 4 + (length + 3) // 4 * 4
    base, power = (2, resolution & 0x7F) if resolution & 0x80 else (10, resolution)
    return lambda ticks: ticks * SECOND // base**power + offset * SECOND


def asked(path: str, synscope: str) -> Capture:
    """Lets synscope read all of a file, which says when it begins and ends."""
    command = [synscope, "replay", "--quiet", "--format=jsonl", "--no-segments", "--limit=1", path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 2, 3):
        raise RuntimeError(f"synscope ended with {run.returncode} at {path}: {run.stderr}")
    if not run.stdout:
        return Capture(path, problem=run.stderr.strip().removeprefix(f"synscope: {path}: "))
    summary = json.loads(run.stdout.splitlines()[-1])
    return Capture(path, nanoseconds(summary["first"]), nanoseconds(summary["last"]))


def nanoseconds(time: str | None) -> int | None:
    """A time as synscope writes it, since 1970 UTC."""
    if time is None:
        return None
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    whole = int(datetime.fromisoformat(seconds + "+00:00").timestamp())
    return whole * SECOND + int(fraction.ljust(9, "0"))
