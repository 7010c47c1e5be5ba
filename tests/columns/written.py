"""What the program writes of captures: the JSON, and the columns that it should have."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("captures", "captures/twins")
    for path in (ROOT / folder).iterdir()
    if ".pcap" in path.name
)


def synscope(*args):
    """Runs the program in the root of the project, which has to succeed, and returns what it prints."""
    command = [os.environ["SYNSCOPE"], *map(str, args)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60).stdout


def parquet(output, captures, *more):
    synscope("replay", "-f", "parquet", "-q", "-o", output, *more, *captures)


def attempts(captures):
    """The attempts of the JSON Lines of captures."""
    lines = synscope("replay", "-f", "jsonl", *captures).splitlines()
    return [attempt for attempt in map(json.loads, lines) if attempt["type"] == "handshake"]


def ends(name, both):
    return {f"client_{name}": both["client"], f"server_{name}": both["server"]}


def range_of(name, timing):
    least, most = timing[f"{name}_range_ns"] or (None, None)
    return {f"{name}_ns": timing[f"{name}_ns"], f"{name}_min_ns": least, f"{name}_max_ns": most}


def icmp(error):
    names = ("family", "type", "code", "name", "sender", "mtu")
    return {f"icmp_{name}": error and error[name] for name in names}


def endpoint(name, end):
    return {f"{name}_addr": end and end["addr"], f"{name}_port": end and end["port"]}


SAME = (
    "id", "uid", "community_id", "previous_id", "previous_ended_ns_ago", "source", "interface",
    "encapsulations", "outcome", "ended_by", "reset_by", "syn_captured", "syn_ack_captured",
    "ack_captured", "client_state", "server_state", "client_isn", "server_isn", "syn_retransmissions",
    "syn_ack_retransmissions", "confirmed_frame", "segments_omitted",
)


def row(attempt):
    """The row of an attempt, `start` as nanoseconds."""
    timing, negotiated = attempt["timing"], attempt["negotiated"]
    back = timing["clock_went_back"]
    made = {name: attempt[name] for name in SAME}
    made |= endpoint("client", attempt["client"]) | endpoint("server", attempt["server"])
    made |= endpoint("answered_by", attempt["answered_by"])
    for side in ("client", "server"):
        made[f"{side}_name"] = attempt[side].get("name")
        made[f"{side}_name_source"] = attempt[side].get("name_source")
    made["start"] = timing["start_ns"]
    for name in ("total", "retry_wait", "server_rtt", "syn_ack_wait", "client_rtt"):
        made |= range_of(name, timing)
    made |= {name: timing[name] for name in ("failed_after_ns", "wireshark_irtt_ns")}
    made |= {f"clock_went_back_{name}": back and back[name] for name in ("frame", "by_ns")}
    made["patterns"] = [pattern["name"] for pattern in attempt["patterns"]]
    for name in ("mss", "window_scale", "sack_offered", "timestamps_offered"):
        made |= ends(name, negotiated[name])
    made |= {name: negotiated[name] for name in ("sack", "timestamps", "ecn", "fast_open", "mptcp")}
    made |= icmp(attempt["icmp"]) | attempt["context"]
    made["icmp_frame"] = attempt["icmp"] and attempt["icmp"]["frame"]
    made["frames"] = [segment["frame"] for segment in attempt["segments"]]
    made["segments"] = [segment_row(segment) for segment in attempt["segments"]]
    return made


def segment_row(segment):
    """The struct of a segment in the list of its attempt."""
    made = {name: value for name, value in segment.items() if name not in ("options", "icmp")}
    made["source"] = segment.get("source")
    made["encapsulation"] = segment.get("encapsulation", 0)
    made["option_kinds"] = [option["kind"] for option in segment["options"]]
    return made | icmp(segment.get("icmp"))
