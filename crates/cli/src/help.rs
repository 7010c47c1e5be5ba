//! The texts of `--help` and of the manual pages that are not about a single argument.

pub(crate) const ABOUT: &str =
    "Shows the outcome of each TCP connection attempt, with its evidence";

pub(crate) const LONG_ABOUT: &str = "\
Shows the outcome of each TCP connection attempt, with its evidence.

synscope captures on an interface, reads capture files, or makes handshakes with real sockets in a \
demo. For each attempt it prints the outcome (established, refused, unanswered ...), the round-trip \
times of both halves, each segment with the reason why TCP accepts it or not, and the known patterns \
(retransmission, simultaneous open, port scan ...).";

/// The end of `synscope` alone and of `-h`.
pub(crate) const FIRST_STEPS: &str = "\
Examples:
  synscope demo                     make a handshake and show it beside the socket calls
  synscope live                     show the handshakes on the loopback interface
  synscope replay capture.pcapng    show the handshakes in a file

`synscope --help` and `synscope COMMAND --help` print more.";

/// The end of `--help`.
pub(crate) const AFTER: &str = "\
Examples:
  synscope demo
      Make a handshake with real sockets and show it beside the calls that made it.
  synscope live --interface any --port 443
      Show the handshakes of this host from or to port 443.
  synscope replay capture.pcapng
      Show the handshakes in a file.
  synscope replay --outcome unanswered --explain capture.pcapng
      Show the attempts without an answer, and explain them.
  synscope replay --format jsonl *.pcap.gz | jq 'select(.outcome? == \"refused\")'
      Read several files as one capture, and select attempts with another program.

Exit codes:
  0  synscope read all input; a closed output pipe is no error
  1  an expectation is not met, or a demo ended in another way than expected
  2  the command line is wrong, or synscope can't read some input or can't write the output
  3  some input is damaged; synscope printed the part before the damage
  4  a privilege is missing; the message explains how to get it

Environment:
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM    colours (see --color)
  LC_ALL, LC_CTYPE, LANG                      synscope draws with ASCII if the locale is not UTF-8
  LC_ALL, LC_MESSAGES, LANG                   the language (see --lang)
  TZ                                          the time zone of --time local

In the source tree, docs/handshake.md explains each outcome, verdict and pattern, docs/json.md \
the JSON, docs/columns.md the Parquet.";

/// The end of `replay --help`.
pub(crate) const REPLAY: &str = "\
Examples:
  synscope replay capture.pcapng
  synscope replay --format table --slower-than 200ms capture.pcapng
  synscope replay --server 10.0.0.0/8 --port 443,8000-8100 --outcome refused --outcome reset capture.pcap
  synscope replay --format table --failed --from 10:02 --to 10:05 capture.pcap
  synscope replay --id 7 capture.pcap
  synscope replay --names --format table capture.pcap
  synscope replay --format summary /var/captures
  synscope replay --format table --outcome refused --extract refused.pcapng capture.pcapng
  ssh host tcpdump -U -w - tcp | synscope replay -
  synscope replay --follow --format jsonl /var/cap
  synscope replay --tui capture.pcapng

If you give an option of the selection several times, one of its values must match. If you give \
different options, all of them must match. --from, --to and --limit take one value. --slower-than never matches an attempt that was not \
completed, because it has no duration.

docs/handshake.md lists the patterns for --pattern. For a wrong name, the error message lists them.

Exit codes: 0 synscope read all input, 2 it can't read some input, 3 some input is damaged.";

/// `--started-in`.
pub(crate) const STARTED_IN: &str = "\
Take only the attempts that began in this time, and read no file that lies far from it

FROM and TO are times such as 2026-11-22T14:00:00Z, or dates, which stand for midnight UTC; TO is not in \
it any more, and one of them may be missing. Records, totals and findings are about these attempts \
alone. Windows side by side give together the records of one run, but for the numbers of attempts (their \
ids, also in previous_id and in the notes of patterns), so that a long capture can be split over \
processes or machines; docs/handshake.md has the rule and its exceptions. Give all of its files to each: \
synscope reads those from 20 minutes before FROM to 15 minutes after TO.";

/// The end of `assert --help`.
pub(crate) const ASSERT: &str = "\
Examples:
  synscope assert capture.pcapng --expect 'refused == 0'
  synscope assert capture.pcapng --expect 'established >= 99.5%' --expect 'p99(server_rtt) < 50ms'
  synscope assert capture.pcapng --expect 'server 10.0.0.5:443 and client 10.1.0.0/16: failed == 0'
  synscope assert /var/captures --expect-file expectations.txt --junit report.xml --github

An expectation is [SCOPE:] METRIC OPERATOR VALUE.

  SCOPE     server ADDR[:PORT]|NET, client ADDR|NET, host ADDR|NET, port N; several joined by `and`
  METRIC    attempts, failed, retried, an outcome (established, refused ...), a pattern (closed_port
            ...): how many attempts, or which share of those in scope
            syn_retransmissions, syn_ack_retransmissions: how many segments
            p50, p99.9 ..., min, mean, max of a duration: p99(server_rtt)
            the durations: server_rtt, client_rtt, waited, failed_after
  OPERATOR  == != < <= > >=
  VALUE     a number, a share such as 99.5%, a duration such as 50ms, 1.5s or 200us

Below an expectation that is not met, synscope prints the three attempts that count most against it. An \
expectation without an attempt in scope is not met, unless --allow-empty is given.

docs/assert.md has the grammar and explains each word.

Exit codes: 0 all expectations are met, 1 some are not met, 2 the command line is wrong or synscope \
can't read some input, 3 some input is damaged.";

/// The end of `stats --help`.
pub(crate) const STATS: &str = "\
Examples:
  synscope stats capture.pcapng
  synscope stats --by client --sort failed capture.pcapng
  synscope stats --by minute --sort name --server 10.0.0.5 /var/captures
  synscope stats --format json capture.pcapng | jq '.groups[0].server_rtt.p99_ns'
  synscope stats --format openmetrics -o synscope.prom capture.pcapng

A failed attempt is one with another outcome than `established` and `in_progress`. Time lost is the time until a segment was \
sent again, and the whole time of a failed attempt. A sparkline shows when the attempts began: red where \
most of them failed.

docs/findings.md explains the findings.";

/// The end of `report --help`.
pub(crate) const REPORT: &str = "\
Examples:
  synscope report capture.pcapng -o report.html
  synscope report --server 10.0.0.5 --failed -o failed.html /var/captures
  synscope report --time local capture.pcapng > report.html

The page shows up to 100,000 attempts, the worst first, and the ladders of up to 1,000 of them; it says \
what it leaves out. It needs about 30 MB of --memory.

Exit codes: 0 synscope read all input, 2 it can't read some input, 3 some input is damaged.";

/// The end of `live --help`.
#[cfg(unix)]
pub(crate) const LIVE: &str = "Examples:
  synscope live
  synscope live --interface eth0 --port 443 --outcome refused
  synscope live --interface any --format jsonl --for 10m -o handshakes.jsonl
  synscope live --count 1 --explain
  synscope live --interface eth0 --for 1m --expect 'server 10.0.0.5:443: failed == 0'
  synscope live --tui --interface eth0
  synscope live --interface any --write ring.pcapng --rotate 100MB --keep 3 --format summary
  synscope live --interface any --metrics 9464

synscope prints an attempt as soon as its outcome is known. Later segments can change the outcome: a server that still retransmits its SYN-ACK did not accept the connection. Then synscope prints the attempt again, marked as amended.

--host and --port, with lists and ranges, also set the filter of the kernel, so the totals count only the packets that match.

With --metrics alone, synscope prints nothing, and serves metrics for Prometheus over HTTP as long as it runs. A port stands for one of the loopback: only this host can ask. Other hosts can if you give an address, such as 10.0.0.7:9464 or [::]:9464. docs/metrics.md explains the metrics.

With --expect, synscope checks at the end what you expect of all attempts (see `synscope assert --help`).

SIGINT and SIGTERM end the capture. synscope still counts the packets that arrived before, and the exit code is 0.

Exit codes: 0 the capture ended normally, 1 an expectation is not met, 2 an interface is missing or down, or synscope can't write the output or open the port of --metrics, 4 a privilege is missing; the message explains how to get it (docs/privileges.md).";

/// The end of `demo --help`.
#[cfg(target_os = "linux")]
pub(crate) const DEMO: &str = "\
Examples:
  synscope demo
  synscope demo --list
  synscope demo refused --explain
  synscope demo --compact --step
  synscope demo late --tui
  synscope demo many --connections 1000
  synscope demo all --save captures

Exit codes: 0 each attempt ended as expected, 1 an attempt ended in another way, 4 synscope can't make \
a network namespace and can't capture on this host's loopback interface.

On a terminal, synscope draws a scenario that takes seconds while it runs.";

/// The end of `completions --help`.
pub(crate) const COMPLETIONS: &str = "\
Examples:
  synscope completions bash > ~/.local/share/bash-completion/completions/synscope
  synscope completions zsh  > \"${fpath[1]}/_synscope\"
  synscope completions fish > ~/.config/fish/completions/synscope.fish";

/// The end of `man --help`.
pub(crate) const MAN: &str = "\
Examples:
  synscope man | man -l -
  synscope man --dir ~/.local/share/man/man1";

/// `--from`.
pub(crate) const FROM: &str = "\
Attempts that began at this time or later

A time as in RFC 3339 (2026-11-22T14:54:56Z), also without a zone (2026-11-22 14:54), without the time \
(2026-11-22) or as seconds since 1970, a time of day (10:02, 10:02:11) on the day on which the capture \
began, or a time since the first frame of the capture (+5s, +2m). A time without a zone is in UTC, or \
with --time local in the local time zone.";

/// `--color`.
pub(crate) const COLOR: &str = "\
When to use colours

`auto` uses colours on a terminal. The environment can change this: NO_COLOR, CLICOLOR=0 and TERM=dumb \
switch colours off, CLICOLOR_FORCE=1 switches them on in pipes and files too.";
