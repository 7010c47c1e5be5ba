"""Reads long captures with synscope on many machines, window by window, and writes Parquet.

    spark-submit --py-files capture_times.py synscope_spark.py --window 1h --output OUT CAPTURES...

docs/archives.md explains it. The fields have the names that docs/json.md gives them.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa
from pyspark import SparkFiles, StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import expr, from_json, rtrim

from capture_times import SECOND, Capture, look_at

# What synscope needs of a capture around a window: docs/handshake.md, "One period of a long capture".
BEFORE, AFTER = 20 * 60 * SECOND, 15 * 60 * SECOND
# A file that seems to last longer has a broken clock.
MOST_WINDOWS_OF_A_FILE = 10_000
BATCH = 1_000

ENDPOINT = "struct<addr string, port int>"
TIMES = ("total", "retry_wait", "server_rtt", "syn_ack_wait", "client_rtt")
TIMING = ", ".join(
    ["start_ns bigint", "failed_after_ns bigint", "wireshark_irtt_ns bigint"]
    + [f"{name}_ns bigint, {name}_range_ns array<bigint>" for name in TIMES]
)
# The columns of an attempt.
ATTEMPT = f"""
    uid string, community_id string, start timestamp, source string, interface string,
    client {ENDPOINT}, server {ENDPOINT}, answered_by {ENDPOINT}, encapsulations array<array<string>>,
    outcome string, ended_by string, reset_by string,
    syn_captured boolean, syn_ack_captured boolean, ack_captured boolean,
    client_state string, server_state string, client_isn bigint, server_isn bigint,
    timing struct<{TIMING}>, syn_retransmissions int, syn_ack_retransmissions int,
    patterns array<struct<name string, frames array<bigint>, note string>>,
    icmp struct<family string, type int, code int, name string, sender string, mtu int>
"""
# What a task gives: the lines of records, and what synscope says about files.
TOLD = pa.schema([(name, pa.string()) for name in ("window", "line", "file", "message")])
TOLD_COLUMNS = "window string, line string, file string, message string"


@dataclass(frozen=True)
class Window:
    """A part of time as `--started-in` takes it, and the files that synscope needs for it."""

    window: str
    files: list[str]


@dataclass(frozen=True)
class Program:
    """synscope: its name or its path, and what is said to each run."""

    name: str
    memory: str
    raw: bool

    def path(self) -> str:
        """Where it is on this machine; `spark-submit --files` may have brought it here."""
        folders = os.pathsep.join([SparkFiles.getRootDirectory(), os.environ.get("PATH", "")])
        if found := shutil.which(self.name, path=folders):
            return found
        raise FileNotFoundError(
            f"there is no program {self.name} on {socket.gethostname()}: put synscope into the PATH of "
            "each machine, name it with --synscope or SYNSCOPE, or send it with --files"
        )

    def command(self, window: Window) -> list[str]:
        """The run for a window."""
        options = ["--quiet", "--format=jsonl", f"--memory={self.memory}"]
        segments = [] if self.raw else ["--no-segments"]
        started_in = f"--started-in={window.window}"
        return [self.path(), "replay", *options, *segments, started_in, "--", *window.files]


def find_files(paths: Iterable[str]) -> list[Capture]:
    """The files that are named, and those below folders, in the order of their names."""
    found: list[Capture] = []
    for path in map(Path, paths):
        if path.is_dir():
            walk = os.walk(path.absolute())
            names = (os.path.join(folder, name) for folder, _, names in walk for name in names)
            below = sorted(filter(os.path.isfile, names))
            nothing = Capture(str(path.absolute()), problem="the directory holds no capture that can be read")
            found.extend(map(Capture, below) if below else [nothing])
        else:
            found.append(Capture(str(path.absolute())))
    return found


def index(spark: SparkSession, files: list[Capture], program: Program) -> list[Capture]:
    """Looks at the ends of all files, on the machines of the cluster."""

    def look(paths: Iterable[str]) -> Iterable[Capture]:
        synscope = program.path()
        return (look_at(path, synscope) for path in paths)

    paths = [file.path for file in files if file.problem is None]
    if not paths:
        return files
    context = spark.sparkContext
    slices = min(len(paths), 8 * context.defaultParallelism)
    looked_at = context.parallelize(paths, slices).mapPartitions(look).collect()
    return [*(file for file in files if file.problem is not None), *looked_at]


def cut(captures: list[Capture], length: int) -> list[Window]:
    """Cuts time into windows of `length` nanoseconds, where there are files.

    A window goes on until the next one begins, the first one has no beginning, and the last one has
    no end: so each attempt is in one window, also those of files of which the times are not known.
    """
    captures = [sane(capture, length) for capture in captures if capture.problem is None]
    if not captures:
        return []
    begins = {
        number * length
        for capture in captures
        if capture.first is not None and capture.last is not None
        for number in range(capture.first // length, capture.last // length + 1)
    }
    bounds = [None, *sorted(begins)[1:], None]
    return [
        Window(f"{written(begin)}..{written(end)}", files_of(captures, begin, end))
        for begin, end in pairwise(bounds)
    ]


def sane(capture: Capture, length: int) -> Capture:
    """A capture that seems to last for ages has times that nobody knows."""
    if capture.first is None or capture.last is None:
        return capture
    windows = (capture.last - capture.first) // length
    return capture if windows <= MOST_WINDOWS_OF_A_FILE else Capture(capture.path)


def files_of(captures: list[Capture], begin: int | None, end: int | None) -> list[str]:
    """The files of a window and its margins, and the first one after them.

    That one tells synscope that the capture goes on. A file of which the times are not known may have
    something for each window.
    """
    after: list[tuple[int, str]] = []
    files: set[str] = set()
    for capture in captures:
        if end is not None and capture.first is not None and capture.first > end + AFTER:
            after.append((capture.first, capture.path))
        elif begin is None or capture.last is None or capture.last >= begin - BEFORE:
            files.add(capture.path)
    if after:
        files.add(min(after)[1])
    # At equal times the file that is named first comes first.
    return [capture.path for capture in captures if capture.path in files]


def written(time: int | None) -> str:
    """A bound of a window."""
    if time is None:
        return ""
    return datetime.fromtimestamp(time // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def replay(window: Window, program: Program) -> Iterator[dict[str, str]]:
    """Runs synscope for a window. Gives the lines of its attempts, then what it says about files.

    A run without a summary at its end is not complete: the task fails, and Spark tries it again.
    """
    command = program.command(window)
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert child.stdout is not None
        last = ""
        try:
            for line in child.stdout:
                if last:
                    yield {"window": window.window, "line": last}
                last = line
            code = child.wait()
        finally:
            # The task may be cancelled, as another attempt of it was faster.
            child.kill()
            child.wait()
        errors.seek(0)
        said = errors.read()
    if code not in (0, 2, 3) or not last or json.loads(last)["type"] != "summary":
        raise RuntimeError(f"synscope ended with {code} in window {window.window}: {said}")
    yield from (problem(window, message) for message in said.splitlines())


def problem(window: Window, message: str) -> dict[str, str]:
    """What synscope says on standard error, with the file that it is about."""
    message = message.removeprefix("synscope: ")
    about = [file for file in window.files if message.startswith(f"{file}: ")]
    named = {"file": about[0], "message": message.removeprefix(f"{about[0]}: ")} if about else {}
    return {"window": window.window, "message": message, **named}


def told(spark: SparkSession, windows: list[Window], program: Program) -> DataFrame:
    """Runs a task for each window."""

    def replay_all(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = (row for batch in batches for row in batch.to_pylist())
        lines = (line for row in rows for line in replay(Window(**row), program))
        while some := list(islice(lines, BATCH)):
            yield pa.RecordBatch.from_pylist(some, TOLD)

    rows = spark.sparkContext.parallelize([asdict(window) for window in windows], len(windows) or 1)
    frame = spark.createDataFrame(rows, "window string, files array<string>")
    return frame.mapInArrow(replay_all, TOLD_COLUMNS)


def attempts(told: DataFrame, raw: bool) -> DataFrame:
    """The attempts with a column for each field, and the whole record as text if it is wanted."""
    record = from_json("line", ATTEMPT, {"mode": "FAILFAST"}).alias("record")
    lines = told.where("line IS NOT NULL").select("window", "line", record)
    # A date in UTC, whatever the time zone of the session is.
    days = expr("date_from_unix_date(cast(record.timing.start_ns div 86400000000000 AS int))")
    text = [rtrim("line").alias("raw")] if raw else []
    return lines.select(days.alias("date"), "window", "record.*", *text)


def problems(spark: SparkSession, told: DataFrame, files: list[Capture]) -> DataFrame:
    """What was said about files: by the runs for windows, and of the files that no window has."""
    left_out = [(None, file.path, file.problem) for file in files if file.problem is not None]
    columns = "window string, file string, message string"
    of_windows = told.where("message IS NOT NULL").select("window", "file", "message")
    return of_windows.union(spark.createDataFrame(left_out, columns))


def write(spark: SparkSession, args: argparse.Namespace) -> None:
    """Reads the captures and writes the tables `attempts` and `problems`."""
    program = Program(args.synscope, args.memory, args.raw)
    files = index(spark, find_files(args.captures), program)
    windows = cut(files, args.window)
    # Both tables come of one run of each window. If a part of it is lost, Spark runs it again.
    lines = told(spark, windows, program).persist(StorageLevel.DISK_ONLY)
    table = attempts(lines, args.raw)
    table.write.mode("overwrite").partitionBy("date").parquet(f"{args.output}/attempts")
    # They are few: one file is enough.
    complaints = problems(spark, lines, files).repartition(1)
    complaints.write.mode("overwrite").parquet(f"{args.output}/problems")
    lines.unpersist()
    print(f"{len(windows)} windows of {len(files)} files are in {args.output}", file=sys.stderr)


def duration(text: str) -> int:
    """A length as 30m, 1h or 1d, in nanoseconds."""
    match = re.fullmatch(r"([1-9]\d*)([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is no length: write 30m, 1h or 1d")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[match[2]] * SECOND


def arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Reads captures with synscope, window by window.")
    parser.add_argument("captures", nargs="+", help="files, and folders whose files are read")
    parser.add_argument("--output", required=True, help="a folder for the Parquet tables, or its URI")
    parser.add_argument("--window", type=duration, default="1h", help="its length [default: 1h]")
    parser.add_argument("--raw", action="store_true", help="keep each record as JSON, too")
    parser.add_argument("--memory", default="64MB", help="of each synscope [default: 64MB]")
    name = os.environ.get("SYNSCOPE", "synscope")
    parser.add_argument("--synscope", default=name, help="the program [default: $SYNSCOPE, or PATH]")
    return parser.parse_args(words)


def main() -> None:
    """Runs the job; an error is said in one line."""
    args = arguments(sys.argv[1:])
    spark = SparkSession.builder.appName("synscope").getOrCreate()
    try:
        write(spark, args)
    except PySparkException as error:
        sys.exit(f"synscope_spark: {error}")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
