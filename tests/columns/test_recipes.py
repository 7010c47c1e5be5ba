"""The recipes of docs/columns.md find what the JSON says."""

import collections
import contextlib
import csv
import datetime
import math
import re
import tempfile
import unittest

import duckdb

from written import CAPTURES, ROOT, attempts, parquet

DECIDED_WELL = ("established", "in_progress")


def recipes():
    """The recipes by the words above them."""
    document = (ROOT / "docs/columns.md").read_text()
    found = re.findall(r"\n\n([^\n]+(?:\n[^\n]+)*)\n\n```sql\n(.*?)```", document, re.DOTALL)
    return {words.replace("\n", " "): recipe for words, recipe in found}


class Recipes(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        parquet(f"{cls.directory.name}/lake/", CAPTURES, "--segments")
        cls.attempts = attempts(CAPTURES)
        cls.left = recipes()

    @classmethod
    def tearDownClass(cls):
        if cls.left:
            raise AssertionError(f"no test has these recipes: {list(cls.left)}")

    def cook(self, words):
        """What the recipe below these words finds."""
        [name] = [name for name in self.left if name.startswith(words)]
        with contextlib.chdir(self.directory.name):
            found = duckdb.sql(self.left.pop(name)).fetchall()
        self.assertTrue(found, words)
        return found

    def by_server(self):
        servers = collections.defaultdict(list)
        for attempt in self.attempts:
            servers[attempt["server"]["addr"], attempt["server"]["port"]].append(attempt)
        return servers

    def test_failures_are_counted(self):
        expected = []
        for server, of_server in self.by_server().items():
            failed = sum(attempt["outcome"] not in DECIDED_WELL for attempt in of_server)
            if failed:
                expected.append((*server, len(of_server), failed))
        expected.sort(key=lambda one: (-one[3], one[0], one[1]))
        self.assertEqual(self.cook("Count the failures"), expected)

    def test_a_percentile_is_found(self):
        expected = []
        for server, of_server in self.by_server().items():
            rtts = sorted(one["timing"]["server_rtt_ns"] for one in of_server
                          if one["timing"]["server_rtt_ns"] is not None)
            if rtts:
                p99 = rtts[max(math.ceil(len(rtts) * 0.99) - 1, 0)]
                expected.append((*server, len(rtts), p99 / 1000))
        expected.sort(key=lambda one: (-one[3], one[0], one[1]))
        self.assertEqual(self.cook("Find the 99th percentile"), expected)

    def test_repeats_are_counted_by_hour(self):
        hours = collections.defaultdict(lambda: [0, 0])
        for attempt in self.attempts:
            hour = hours[attempt["start"][:13]]
            hour[0] += 1
            hour[1] += attempt["syn_retransmissions"]
        parse = datetime.datetime.fromisoformat
        expected = [(parse(f"{hour}:00:00"), *sums) for hour, sums in sorted(hours.items())]
        self.assertEqual(self.cook("Count the SYNs"), expected)

    def test_zeek_is_joined(self):
        # As if Zeek had seen every second flow, and one more.
        flows = sorted({attempt["community_id"] for attempt in self.attempts})[::2]
        states = {flow: ("S0", "SF", "REJ")[index % 3] for index, flow in enumerate(flows)}
        with open(f"{self.directory.name}/conn.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("community_id", "conn_state"))
            writer.writerows(states.items())
            writer.writerow(("1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "SF"))
        counted = collections.Counter(
            (states[attempt["community_id"]], attempt["outcome"])
            for attempt in self.attempts if attempt["community_id"] in states
        )
        expected = [(*key, count) for key, count in counted.items()]
        expected.sort(key=lambda one: (-one[2], one[0], one[1]))
        self.assertEqual(self.cook("Join the connections"), expected)

    def test_segments_that_moved_nothing_are_listed(self):
        expected = [
            (one["uid"], segment["frame"], segment["from"], segment["verdict"], segment["note"])
            for one in self.attempts for segment in one["segments"]
            if segment["verdict"] != "advanced"
        ]
        # Two files may have the same number.
        key = lambda one: (*one[:2], *map(str, one[2:]))
        found = self.cook("List the segments")
        self.assertEqual([one[:2] for one in found], sorted(one[:2] for one in expected))
        self.assertEqual(sorted(found, key=key), sorted(expected, key=key))

    def test_a_day_and_a_pattern_select(self):
        expected = sorted(
            (one["uid"], one["client"]["addr"], one["server"]["addr"], one["server"]["port"])
            for one in self.attempts
            if one["start"].startswith("2026-11-22")
            and "accept_queue_overflow" in {pattern["name"] for pattern in one["patterns"]}
        )
        self.assertEqual(self.cook("Read one day"), expected)
