"""The job and `windows.sh` tell what one run of synscope over all files tells.

SYNSCOPE names the program. A Spark cluster is started for the tests: a master and two workers, each at a
loopback address of its own, as Spark runs a task a second time only on another host.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.dataset as ds
import pyspark

import made_captures
from capture_times import SECOND, Capture, asked, ends, nanoseconds, times_of_ends
from synscope_spark import cut, duration, find_files

HERE = Path(__file__).resolve().parent
SYNSCOPE = os.environ["SYNSCOPE"]
SPARK = Path(pyspark.__file__).parent
# What is read: a folder with all captures, and an empty one.
FOLDERS = ("captures", "captures/deeper/nothing")
# Seconds after which something hangs.
PATIENCE = 600
# The compiler that starts at once is the better one for short runs.
JAVA = "-XX:TieredStopAtLevel=1"

# Stands for synscope. Of the runs for windows, the first one ends with the worker that started it, and
# the second one hangs. Both have told something by then.
FAULTY = """#!/bin/bash
case "$*" in *--started-in=*) ;; *) exec {synscope} "$@" ;; esac
echo "$*" | grep -o 'started-in=[^ ]*' >> {marks}/runs
if mkdir {marks}/killed 2>/dev/null; then
    {synscope} "$@" | head -n 5
    kill -9 $PPID
elif mkdir {marks}/hangs 2>/dev/null; then
    {synscope} "$@" | head -n 5
    while [[ ! -e {marks}/over ]]; do sleep 0.1; done
else
    exec {synscope} "$@"
fi
"""

Record = dict[str, Any]


def json_of(row: Record) -> str:
    """A row as text, to sort rows."""
    return json.dumps(row, default=str, sort_keys=True)


def key(record: Record) -> str:
    """A record as text, without what counts the attempts of one run."""
    return json.dumps({name: record[name] for name in record if name not in ("id", "previous_id")})


def keys(lines: str) -> list[str]:
    """The records among lines of JSON."""
    records = (json.loads(line) for line in lines.splitlines())
    return sorted(key(record) for record in records if record["type"] == "handshake")


class Cluster:
    """A standalone cluster with two workers on this machine."""

    def __init__(self, folder: Path) -> None:
        """Starts its processes, which write to files in a folder."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.master = f"spark://127.0.0.1:{free.getsockname()[1]}"
        self.folder = folder
        self.processes = [self.start("master", "127.0.0.1", ["--port", self.master.split(":")[-1]])]
        for number in (1, 2):
            name = f"worker{number}"
            size = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / name)]
            self.processes.append(self.start(name, f"127.0.0.{number}", [*size, self.master]))

    def start(self, name: str, host: str, options: list[str]) -> subprocess.Popen[bytes]:
        """Starts a master or a worker."""
        what = f"org.apache.spark.deploy.{name[:6]}.{name[:6].capitalize()}"
        command = [str(SPARK / "bin/spark-class"), what, "--host", host, "--webui-port", "0", *options]
        settings = {"SPARK_LOCAL_IP": host, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": JAVA}
        with open(self.folder / f"{name}.log", "wb") as log:
            env = os.environ | settings
            return subprocess.Popen(command, stdout=log, stderr=log, env=env)

    def stop(self) -> None:
        """Ends its processes; a worker ends those that it started."""
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)

    def submit(self, master: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs the job as a user does."""
        conf = {
            "spark.ui.enabled": "false",
            "spark.speculation": "true",
            "spark.speculation.quantile": "0.5",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "512m",
            "spark.driver.extraJavaOptions": JAVA,
            "spark.executor.memory": "512m",
            "spark.executor.extraJavaOptions": JAVA,
            # The usual one needs a native library that not every system can load.
            "spark.sql.parquet.compression.codec": "gzip",
            # Dates are those of UTC anyway.
            "spark.sql.session.timeZone": "Asia/Tokyo",
        }
        settings = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
        command = [str(SPARK / "bin/spark-submit"), "--master", master, *settings]
        command += [
            "--files",
            SYNSCOPE,
            "--py-files",
            str(HERE / "capture_times.py"),
            str(HERE / "synscope_spark.py"),
        ]
        env = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable} | env
        return subprocess.run(
            [*command, *args],
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


class Jobs(unittest.TestCase):
    """Runs over the made captures."""

    place: ClassVar[tempfile.TemporaryDirectory[str]]
    folder: ClassVar[Path]
    captures: ClassVar[list[Capture]]
    whole: ClassVar[list[str]]
    said: ClassVar[list[str]]

    @classmethod
    def setUpClass(cls) -> None:
        """Makes the captures, and lets synscope read all of them in one run."""
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        cls.folder = Path(cls.place.name)
        made_captures.make(cls.folder / "captures")
        cls.captures = find_files([str(cls.folder / name) for name in FOLDERS])
        command = [SYNSCOPE, "replay", "--format=jsonl", *(capture.path for capture in cls.captures)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        cls.whole = keys(run.stdout)
        cls.said = run.stderr.splitlines()

    def table(self, name: str) -> list[Record]:
        """What a table of the job holds."""
        date = ds.partitioning(pa.schema([("date", pa.date32())]), flavor="hive")
        partitioning = date if name == "attempts" else None
        rows = ds.dataset(self.folder / "out" / name, partitioning=partitioning).to_table().to_pylist()
        return sorted(rows, key=json_of)

    def test_the_whole_is_worth_the_comparison(self) -> None:
        """The captures have what the bounds of files and windows could break."""
        self.assertEqual(len(self.whole), 8 * 120 + 15 + 3_000 + 100 + 1 + 1)

    def test_job(self) -> None:
        """A worker that is killed, an attempt that hangs, and a second run change nothing."""
        marks = self.folder / "marks"
        marks.mkdir()
        faulty = self.folder / "synscope"
        faulty.write_text(FAULTY.format(synscope=SYNSCOPE, marks=marks))
        faulty.chmod(0o755)
        cluster = Cluster(self.folder)
        self.addCleanup(cluster.stop)
        self.addCleanup((marks / "over").touch)
        args = [
            "--window=30m",
            f"--output={self.folder / 'out'}",
            *(str(self.folder / name) for name in FOLDERS),
        ]

        run = cluster.submit(cluster.master, "--raw", *args, SYNSCOPE=str(faulty))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr[-5_000:])
        attempts, problems = self.table("attempts"), self.table("problems")
        self.assertEqual(sorted(key(json.loads(row["raw"])) for row in attempts), self.whole)
        self.check_columns(attempts)
        self.check_problems(problems)
        runs = (marks / "runs").read_text().split()
        again = [runs.count(window) for window in set(runs)]
        self.assertGreaterEqual(len([count for count in again if count > 1]), 2, runs)
        self.assertEqual(len(again), 6)

        # Spark brings the program along.
        run = cluster.submit(cluster.master, *args, SYNSCOPE=Path(SYNSCOPE).name)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr[-5_000:])
        for row in attempts:
            del row["raw"]
        self.assertEqual(self.table("attempts"), sorted(attempts, key=json_of))
        self.assertEqual(self.table("problems"), problems)
        self.assertTrue((self.folder / "out/attempts/date=2026-11-27").is_dir())

        run = cluster.submit("local[1]", *args, SYNSCOPE="no-such-synscope")
        self.assertEqual(run.returncode, 1)
        self.assertIn("there is no program no-such-synscope on", run.stdout.splitlines()[-1])

    def check_columns(self, attempts: list[Record]) -> None:
        """The columns say what the JSON says."""
        dates = {None: 1}
        for row in attempts:
            record = json.loads(row["raw"])
            for name in row.keys() - {"raw", "window", "date", "start", "timing", "patterns", "icmp"}:
                self.assertEqual(row[name], record[name], name)
            timing = {name: record["timing"][name] for name in row["timing"]}
            self.assertEqual(row["timing"], timing)
            names = [[pattern["name"] for pattern in one["patterns"]] for one in (row, record)]
            self.assertEqual(names[0], names[1])
            if row["start"] is not None:
                self.assertEqual(int(row["start"].timestamp()), record["timing"]["start_ns"] // SECOND)
                self.assertEqual(str(row["date"]), record["start"][:10])
                dates[row["date"]] = dates.get(row["date"], 0) + 1
        self.assertEqual(len(dates), 3)

    def check_problems(self, problems: list[Record]) -> None:
        """Each broken file is named, with what one run says of it."""
        names = {Path(row["file"]).name for row in problems}
        broken = {"broken.pcap", "broken.pcap.gz", "noise.pcap", "notes.txt", "nothing"}
        self.assertEqual(names, broken)
        for row in problems:
            window_is_known = Path(row["file"]).name.startswith("broken")
            self.assertEqual(row["window"] is not None, window_is_known, row)
            self.assertIn(f"synscope: {row['file']}: {row['message']}", self.said)

    def windows_sh(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Runs `windows.sh` with two jobs, below the folder of the tests."""
        out, begin, end, length, *files = args
        command = [str(HERE.parent / "windows.sh"), str(self.folder / out), begin, end, length, "2", *files]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def test_windows_sh(self) -> None:
        """One machine and no Spark tell the same; what is there is not read again."""
        command = ["windows", "2026-11-26T22:00:00Z", "2026-11-27T01:00:00Z", "1800"]
        files = [capture.path for capture in self.captures]
        unreadable = ("noise.pcap", "notes.txt", "nothing")
        run = self.windows_sh(*command, *files)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("6 windows are missing: mend what is said above", run.stderr)
        out = self.folder / "windows"
        self.assertEqual(list(out.iterdir()), [], "a window that lacks a file is none")

        files = [file for file in files if Path(file).name not in unreadable]
        run = self.windows_sh(*command, *files)
        # Some files are damaged.
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("broken.pcap: breaks off", run.stderr)
        results = sorted(out.iterdir())
        self.assertEqual(len(results), 6)
        self.assertEqual(keys("".join(one.read_text() for one in results)), self.whole)
        written = results[0].stat()
        results[1].unlink()
        run = self.windows_sh(*command, *files)
        self.assertEqual(sorted(out.iterdir()), results)
        self.assertEqual(results[0].stat(), written)
        self.assertEqual(self.windows_sh(*command, *files).returncode, 0)

        command[-1] = "3600"
        run = self.windows_sh(*command, *files)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("is of other times or another length: give the same again", run.stderr)
        self.assertEqual(sorted(out.iterdir()), results)

    def test_windows_sh_refuses(self) -> None:
        """Times and numbers that make no windows are refused, with what to write."""
        one, two = "2026-11-26T22:00:00Z", "2026-11-26T23:00:00Z"
        for begin, end, length, said in (
            ("yesternoon", two, "1800", "'yesternoon' is no time: write it as 2026-11-26T00:00:00Z"),
            (one, "", "1800", "'' is no time: write it as 2026-11-26T00:00:00Z"),
            (two, one, "1800", f"{one} is not after {two}: the earlier time comes first"),
            (one, one, "1800", f"{one} is not after {one}: the earlier time comes first"),
            (one, two, "0", "'0' is no length in seconds: write 3600 for an hour"),
            (one, two, "30m", "'30m' is no length in seconds: write 3600 for an hour"),
        ):
            run = self.windows_sh("refused", begin, end, length, str(self.folder / "captures"))
            self.assertEqual((run.returncode, run.stderr), (2, f"windows.sh: {said}\n"))
            self.assertFalse((self.folder / "refused").exists())

    def test_ends_of_files(self) -> None:
        """Head and tail of files that are in order say what synscope says when it reads all."""
        bundled = find_files([str(HERE / "../../captures")])
        clear = 0
        for capture in self.captures + [one for one in bundled if one.path.endswith(".pcapng")]:
            if capture.problem is not None:
                continue
            times = times_of_ends(*ends(capture.path))
            if times is not None:
                self.assertEqual(Capture(capture.path, *times), asked(capture.path, SYNSCOPE))
                clear += 1
        self.assertGreater(clear, 60)


class Cuts(unittest.TestCase):
    """How time is cut into windows."""

    @staticmethod
    def cut(*captures: Capture) -> list[tuple[str, list[str]]]:
        """Windows of an hour, and their files."""
        return [(window.window, window.files) for window in cut(list(captures), 3_600 * SECOND)]

    @staticmethod
    def capture(path: str, first: str, last: str) -> Capture:
        """A file between two times of a day."""
        return Capture(path, nanoseconds(f"2026-11-26T{first}Z"), nanoseconds(f"2026-11-26T{last}Z"))

    def test_margins_and_the_file_after_them(self) -> None:
        """A window has the files of 20 minutes before it and of 15 minutes after it, and one more."""
        files = [
            self.capture("a", "08:00:00", "08:39:59"),
            self.capture("b", "08:00:00", "08:40:00"),
            self.capture("c", "09:00:00", "09:59:59"),
            self.capture("e", "10:15:01", "10:16:00"),
            self.capture("d", "10:15:00", "10:20:00"),
        ]
        nine, ten = "2026-11-26T09:00:00Z", "2026-11-26T10:00:00Z"
        self.assertEqual(
            self.cut(*files),
            [
                (f"..{nine}", ["a", "b", "c", "d"]),
                (f"{nine}..{ten}", ["b", "c", "e", "d"]),
                (f"{ten}..", ["c", "e", "d"]),
            ],
        )

    def test_a_pause_makes_no_windows(self) -> None:
        """The window before it goes on."""
        files = [self.capture("a", "01:10:00", "01:20:00"), self.capture("b", "09:00:00", "09:30:00")]
        nine = "2026-11-26T09:00:00Z"
        self.assertEqual(self.cut(*files), [(f"..{nine}", ["a", "b"]), (f"{nine}..", ["b"])])

    def test_files_of_unknown_times_are_in_each_window(self) -> None:
        """So are those whose clocks are broken. What can't be read is in none."""
        known = [self.capture("a", "01:00:00", "01:20:00"), self.capture("b", "02:00:00", "02:30:00")]
        odd = [Capture("c"), Capture("d", 0, known[0].last), Capture("e", problem="it is broken")]
        files = [files for _, files in self.cut(*known, *odd)]
        self.assertEqual(files, [["a", "b", "c", "d"], ["b", "c", "d"]])
        self.assertEqual(self.cut(Capture("c")), [("..", ["c"])])
        self.assertEqual(self.cut(odd[2]), [])

    def test_lengths(self) -> None:
        """A length has a unit."""
        self.assertEqual([duration(text) for text in ("90s", "30m", "1d")], [90e9, 1_800e9, 86_400e9])
        for text in ("1", "h", "0h", "-1h", "1.5h"):
            with self.assertRaisesRegex(Exception, re.escape(f"{text} is no length")):
                duration(text)


if __name__ == "__main__":
    unittest.main()
