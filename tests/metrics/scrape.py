"""Makes connections on a loopback of its own, and compares what Prometheus then knows of them.

scrape.py PROGRAM DIRECTORY: the program to run, and a directory for what Prometheus keeps. It runs in a
network namespace, in which the ports are free: .ci/metrics starts it so.
"""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
METRICS = "http://127.0.0.1:9464/metrics"
PROMETHEUS = "http://127.0.0.1:9090"
OPEN, CLOSED, FULL = 8080, 8081, 8082
ESTABLISHED = 40
# So often that the alert does not take them for too few.
REFUSED_EVERY = 2
# An attempt that nobody answers is given up 75 s after its last segment.
PATIENCE = 150


def get(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def until(what, condition):
    """Waits for a condition; what it raises is what there is to say at the end."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return condition()
        except (AssertionError, LookupError, OSError) as error:
            if time.monotonic() > end:
                raise SystemExit(f"{what}: {error}") from error
            time.sleep(0.5)


def ask(query):
    """The samples of an instant query: their labels and numbers."""
    arguments = urllib.parse.urlencode({"query": query})
    answer = json.loads(get(f"{PROMETHEUS}/api/v1/query?{arguments}"))
    assert answer["status"] == "success", answer
    return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]


def listen(port, backlog):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(backlog)
    return listener


def connect(port, patience=5.0):
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=patience)
    except (ConnectionRefusedError, TimeoutError):
        return None


def make_connections():
    """Established, refused and unanswered ones, over some seconds: rates take more than one scrape."""
    full = listen(FULL, 0)
    first = connect(FULL)
    assert first is not None and connect(FULL, 1.3) is None, "the kernel drops the second SYN"
    listener = listen(OPEN, 16)
    for number in range(ESTABLISHED):
        client = connect(OPEN)
        listener.accept()[0].close()
        client.close()
        if number % REFUSED_EVERY == 0:
            assert connect(CLOSED) is None, "nobody listens"
        time.sleep(0.25)
    return full, first


def counts(port):
    """What Prometheus knows of a server, but the zeros."""
    labels = f'server_address="127.0.0.1",server_port="{port}"'
    attempts = ask(f"synscope_attempts_total{{{labels}}} > 0")
    found = {metric["outcome"]: (metric.get("error_type"), number) for metric, number in attempts}
    for name in ["syns", "syn_retransmissions", "syn_acks"]:
        found[name] = sum(number for _, number in ask(f"synscope_{name}_total{{{labels}}}"))
    histogram = "system_network_tcp_handshake_duration_seconds"
    for name in ["count", 'bucket{le="+Inf"}', 'bucket{le="0.00005"}']:
        name, _, bound = name.partition("{")
        samples = ask(f"{histogram}_{name}{{{labels},{bound or '}'}")
        found[f"{name} {bound}"] = sum(number for _, number in samples)
    # How fast this machine is, is not known.
    assert found.pop('bucket le="0.00005"}') <= found["count "]
    return found


def expected(outcomes, syns, repeats, syn_acks, handshakes):
    found = {"syns": syns, "syn_retransmissions": repeats, "syn_acks": syn_acks}
    return outcomes | found | {"count ": handshakes, 'bucket le="+Inf"}': handshakes}


def compare_counts():
    refused = ESTABLISHED // REFUSED_EVERY
    for port, wanted in [
        (OPEN, expected({"established": (None, ESTABLISHED)}, ESTABLISHED, 0, ESTABLISHED, ESTABLISHED)),
        (CLOSED, expected({"refused": ("refused", refused)}, refused, 0, 0, 0)),
        (FULL, expected({"established": (None, 1), "unanswered": ("unanswered", 1)}, 3, 1, 1, 1)),
    ]:
        found = counts(port)
        assert found == wanted, f"port {port}: {found}, not {wanted}"
    assert ask("sum(synscope_waiting_attempts)")[0][1] == 0


def check_texts():
    """The parsers of others take both texts, and find the same in them."""
    text = get(METRICS)
    check = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert check.returncode == 0 and not check.stderr, check.stderr
    newer = get(METRICS, "application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in text_string_to_metric_families(newer)}
    kinds = {name: family.type for name, family in families.items()}
    assert kinds["synscope_attempts"] == "counter" and kinds["synscope_build"] == "info", kinds
    assert kinds["system_network_tcp_handshake_duration_seconds"] == "histogram", kinds
    assert families["synscope_waited_seconds"].unit == "seconds"
    names = {sample.name for family in families.values() for sample in family.samples}
    older = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line[0] != "#"}
    assert names == older, names ^ older


def check_dashboard():
    """Each query of the dashboard finds something."""
    dashboard = json.loads((EXAMPLES / "grafana/synscope.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(queries) > 10, queries
    for query in queries:
        selected = re.findall(r'(?:synscope|system)_\w+(\{instance=~"\$instance"|)', query)
        assert selected and all(selected), f"{query} is of all hosts"
        # A share or a percentile of a server is what one host sees.
        grouped = [by.split(", ") for by in re.findall(r"by \((.*?)\)", query)]
        assert all("instance" in by for by in grouped if "server_port" in by), query
        asked = query.replace("$__rate_interval", "3m").replace("$server", ".*").replace("$instance", ".*")
        assert "$" not in asked, asked
        numbers = [number for _, number in ask(asked)]
        assert any(number == number for number in numbers), f"{query} finds nothing: {numbers}"
    variables = {one["name"]: one["query"] for one in dashboard["templating"]["list"]}
    expected = {"instance": ["127.0.0.1:9464"], "server": ["127.0.0.1", "other"]}
    for name, values in expected.items():
        query = variables[name].replace("$instance", ".*")
        metric, label = re.fullmatch(r"label_values\((\S+), (\w+)\)", query).groups()
        match = urllib.parse.urlencode({"match[]": metric})
        found = json.loads(get(f"{PROMETHEUS}/api/v1/label/{label}/values?{match}"))["data"]
        assert found == values, found
    return len(queries)


def check_prometheus():
    """It takes all that is told, and the rules run."""
    target, = json.loads(get(f"{PROMETHEUS}/api/v1/targets"))["data"]["activeTargets"]
    assert target["health"] == "up" and not target["lastError"], target
    group, = json.loads(get(f"{PROMETHEUS}/api/v1/rules"))["data"]["groups"]
    health = {rule["name"]: rule["health"] for rule in group["rules"]}
    assert set(health.values()) == {"ok"}, health
    state = {rule["name"]: rule["state"] for rule in group["rules"]}
    assert state["HandshakesFail"] == "pending" and state["SynscopeDown"] == "inactive", state


def main():
    program, directory = sys.argv[1], Path(sys.argv[2])
    config = (EXAMPLES / "prometheus/prometheus.yml").read_text()
    often = config.replace("15s", "1s\n  evaluation_interval: 1s")
    (directory / "prometheus.yml").write_text(often)
    (directory / "alerts.yml").write_text((EXAMPLES / "prometheus/alerts.yml").read_text())
    ports = f"{OPEN}-{FULL}"
    running = [subprocess.Popen([program, "live", "--port", ports, "--metrics", "9464", "--quiet"])]
    try:
        until("synscope", lambda: get(METRICS))
        running.append(subprocess.Popen([
            "prometheus", f"--config.file={directory}/prometheus.yml", "--log.level=warn",
            f"--storage.tsdb.path={directory}/data", "--web.listen-address=127.0.0.1:9090",
        ]))
        until("prometheus", lambda: ask("synscope_up")[0])
        kept = make_connections()
        until("what Prometheus counts", compare_counts)
        check_texts()
        check_prometheus()
        queries = check_dashboard()
        del kept
    finally:
        for process in running:
            process.terminate()
        codes = [process.wait(timeout=30) for process in running]
    assert codes == [0, 0], codes
    print(f"what Prometheus knows is what was made, and {queries} queries of the dashboard find something")


main()
