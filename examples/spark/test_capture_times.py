"""Where the places of a file say when it begins and ends, synscope says the same."""

import os
import tempfile
import unittest
from pathlib import Path

from capture_times import (
    SECOND,
    SMALL,
    Capture,
    asked,
    look_at,
    records_of_pcap,
    time_within,
    times_of_places,
)
from made_captures import BEGIN, Format, Packet, block, pcap, pcapng, pcapng_head

SYNSCOPE = os.environ["SYNSCOPE"]
FORMATS: list[Format] = [pcap("<", 1), pcap(">", 1_000), pcap("<", 1_000), pcapng(9), pcapng(6)]
HOUR = 3_600 * SECOND


def packets(hours: list[int], data: bytes) -> list[Packet]:
    """Packets at these hours, which take about as much of a file each: together more than is small."""
    each = SMALL * 5 // 4 // len(data) // len(hours) + 1
    return [(BEGIN + hour * HOUR + at * 1_000, data) for hour in hours for at in range(each)]


class Places(unittest.TestCase):
    """What a few places of a file say."""

    def look(self, content: bytes) -> tuple[int, int] | None:
        """Looks at a file in both ways."""
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "x")
            Path(path).write_bytes(content)
            self.assertEqual(look_at(path, SYNSCOPE), asked(path, SYNSCOPE))
            return times_of_places(path)

    def test_times_that_go_on(self) -> None:
        """They are said by the places, whatever the packets are, and whatever part of one a place is in."""
        some = (bytes(60), bytes(1_400), b"\xff" * 1_400, bytes(range(7)) * 200, b"\x07" * 65_000)
        for written in FORMATS:
            for data in some:
                made = packets([1, 2, 3], data)
                self.assertEqual(self.look(written(made)), (made[0][0], made[-1][0]))

    def test_parts_of_records(self) -> None:
        """A place may be anywhere in a record, also where the rest of it looks like one."""
        packet = (BEGIN, b"\x07" * 1_400)
        for order in "<>":
            content = pcap(order, 1)([packet] * 8)[24:]
            found = {time_within(content[at:], 1, records_of_pcap(order, 1)) for at in range(1_416)}
            self.assertEqual(found, {BEGIN})

    def test_times_that_go_back(self) -> None:
        """Then synscope is asked, also about an eighth in the middle."""
        for written in FORMATS:
            for hours in ([1, 5, 2], [5, 1, 6], [2, 1], [1, 1, 1, 5, 2, 2, 2, 2]):
                self.assertIsNone(self.look(written(packets(hours, b"\x07" * 1_400))))

    def test_what_no_place_says(self) -> None:
        """Records that are too long, and blocks that may mean anything."""
        for written in FORMATS:
            self.assertIsNone(self.look(written(packets([1, 2], b"\x07" * 200_000))))
        written = pcapng(9)
        blocks = [written([packet]) + block(0x7777, bytes(20)) for packet in packets([1], bytes(1_400))]
        head = len(pcapng_head(9))
        self.assertIsNone(self.look(pcapng_head(9) + b"".join(one[head:] for one in blocks)))

    def test_a_small_file(self) -> None:
        """All of its times count."""
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "x")
            hours = [1] * 6_500 + [5] + [2] * 6_500
            Path(path).write_bytes(FORMATS[0]([(BEGIN + at * HOUR, bytes(60)) for at in hours]))
            self.assertEqual(look_at(path, SYNSCOPE), Capture(path, BEGIN + HOUR, BEGIN + 5 * HOUR))


if __name__ == "__main__":
    unittest.main()
