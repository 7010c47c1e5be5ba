"""Other programs read in the columns what is in the JSON."""

import collections
import pathlib
import re
import struct
import tempfile
import unittest

import duckdb
import pyarrow
import pyarrow.parquet

from written import CAPTURES, ROOT, attempts, parquet, row

TYPES = {
    "BOOLEAN": pyarrow.bool_(),
    "UINT8": pyarrow.uint8(),
    "UINT16": pyarrow.uint16(),
    "UINT32": pyarrow.uint32(),
    "UINT64": pyarrow.uint64(),
    "INT32": pyarrow.int32(),
    "INT64": pyarrow.int64(),
    "STRING": pyarrow.string(),
    "TIMESTAMP(NANOS, UTC)": pyarrow.timestamp("ns", "UTC"),
}


def documented(text):
    """The columns of a table of docs/columns.md: name, type, whether it may be null."""
    return re.findall(r"^\| `(\w+)` \| ([^|]+) \| .* \|([^|]*)\|$", text, re.MULTILINE)


def by_id(rows):
    return {one["id"]: one for one in rows}


def syn():
    """A SYN from 192.0.2.1:40000 to 192.0.2.2:443, as an IPv4 packet."""
    tcp = struct.pack(">HHIIBBHHH", 40000, 443, 1000, 0, 5 << 4, 2, 64240, 0, 0)
    addresses = bytes([192, 0, 2, 1, 192, 0, 2, 2])
    return struct.pack(">BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + addresses + tcp


def without_times(packet):
    """A pcapng file with a packet (link type RAW) in a simple packet block, which has no time."""
    def block(kind, body):
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack("<HHI", 101, 0, 0))
    return section + interface + block(3, struct.pack("<I", len(packet)) + packet)


class Rows(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)

    def test_pyarrow_reads_what_the_json_says(self):
        compared = 0
        for capture in CAPTURES:
            file = self.path / "attempts.parquet"
            parquet(file, [capture], "--segments")
            table = pyarrow.parquet.read_table(file)
            start = table.schema.get_field_index("start")
            nanoseconds = table["start"].cast(pyarrow.int64())
            found = table.set_column(start, "start", nanoseconds).to_pylist()
            expected = [row(attempt) for attempt in attempts([capture])]
            self.assertEqual(by_id(found), by_id(expected), capture)
            compared += len(found)
        self.assertGreater(compared, 200)

    def test_duckdb_reads_what_the_json_says(self):
        parquet(self.path / "attempts.parquet", CAPTURES, "--segments")
        found = duckdb.sql(
            f"SELECT * REPLACE (epoch_ns(start) AS start) FROM '{self.path}/attempts.parquet'"
        )
        found = [dict(zip(found.columns, one)) for one in found.fetchall()]
        expected = [row(attempt) for attempt in attempts(CAPTURES)]
        self.assertGreater(len(found), 200)
        self.assertEqual(by_id(found), by_id(expected))

    def test_the_types_are_those_of_the_document(self):
        parquet(self.path / "attempts.parquet", CAPTURES[:1], "--segments")
        schema = pyarrow.parquet.read_schema(self.path / "attempts.parquet")
        document = (ROOT / "docs/columns.md").read_text()
        of_attempts, of_segments = document.split("\n## Segments\n")
        *columns, segments = documented(of_attempts)
        self.assertEqual(segments[:2], ("segments", "LIST<STRUCT>"))
        struct = schema.field("segments").type.value_type
        fields = [struct.field(index) for index in range(struct.num_fields)]
        self.check_types(list(schema)[:-1], columns)
        self.check_types(fields, documented(of_segments))

    def check_types(self, fields, columns):
        self.assertEqual([field.name for field in fields], [name for name, _, _ in columns])
        for field, (name, kind, null) in zip(fields, columns):
            found = field.type
            while kind.startswith("LIST<"):
                kind, found = kind[len("LIST<"):-1], found.value_type
            self.assertEqual((found, field.nullable), (TYPES[kind], bool(null.strip())), name)

    def test_each_day_is_a_partition(self):
        parquet(f"{self.path}/lake/", CAPTURES, "--segments")
        lake = f"{self.path}/lake/**/*.parquet"
        found = duckdb.sql(f"SELECT date::VARCHAR, uid FROM '{lake}'").fetchall()
        expected = [(one["start"][:10], one["uid"]) for one in attempts(CAPTURES)]
        self.assertGreater(len({day for day, _ in found}), 2)
        self.assertEqual(collections.Counter(found), collections.Counter(expected))
        self.assertEqual(duckdb.sql(f"SELECT date FROM '{lake}'").types, ["DATE"])
        dataset = pyarrow.parquet.read_table(self.path / "lake", columns=["uid", "date"])
        days = [(str(one["date"]), one["uid"]) for one in dataset.to_pylist()]
        self.assertEqual(collections.Counter(days), collections.Counter(expected))

    def test_attempts_without_a_time_have_no_day(self):
        (self.path / "timeless.pcapng").write_bytes(without_times(syn()))
        parquet(f"{self.path}/lake/", [*CAPTURES, self.path / "timeless.pcapng"])
        lake = f"{self.path}/lake/**/*.parquet"
        found = duckdb.sql(f"SELECT date, start, server_port FROM '{lake}' WHERE date IS NULL")
        self.assertEqual(found.fetchall(), [(None, None, 443)])

    def test_a_day_that_is_not_asked_for_is_not_read(self):
        parquet(f"{self.path}/lake/", CAPTURES)
        days = sorted((self.path / "lake").iterdir())
        first, *others = days
        for day in others:
            for file in day.iterdir():
                file.write_bytes(b"no Parquet at all")
        date = first.name.removeprefix("date=")
        lake = f"{self.path}/lake/**/*.parquet"
        # The schema is that of the first file.
        found = duckdb.sql(f"SELECT count(*) FROM '{lake}' WHERE date = DATE '{date}'").fetchall()
        expected = sum(one["start"].startswith(date) for one in attempts(CAPTURES))
        self.assertEqual(found, [(expected,)])
        with self.assertRaises(duckdb.Error):
            duckdb.sql(f"SELECT count(uid) FROM '{lake}'").fetchall()

    def test_a_row_group_that_can_not_match_is_known(self):
        parquet(self.path / "attempts.parquet", CAPTURES)
        file = pyarrow.parquet.ParquetFile(self.path / "attempts.parquet")
        group = file.metadata.row_group(0)
        ports = next(
            group.column(index).statistics
            for index in range(group.num_columns)
            if group.column(index).path_in_schema == "server_port"
        )
        expected = [attempt["server"]["port"] for attempt in attempts(CAPTURES)]
        self.assertEqual((ports.min, ports.max), (min(expected), max(expected)))
        names = [group.column(one.column_index).path_in_schema for one in group.sorting_columns]
        self.assertEqual(names, ["server_addr", "server_port", "start"])
