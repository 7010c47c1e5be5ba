//! The texts of `--help` and of the manual pages that are not about a single argument.

pub(crate) const ABOUT: &str =
    "Makes TCP handshakes visible: what happened to each connection attempt, with its evidence";

pub(crate) const LONG_ABOUT: &str = "\
Makes TCP handshakes visible: what happened to each connection attempt, with its evidence.

synscope watches an interface, reads capture files, or makes handshakes with real sockets in a \
demo. For every attempt it tells the outcome (established, refused, unanswered ...), the round-trip \
times of both halves, each segment with the reason why it was acceptable or not, and the patterns \
that practitioners have names for.";

/// What `synscope` alone and `-h` end with.
pub(crate) const FIRST_STEPS: &str = "\
Examples:
  synscope demo                     make a handshake and see it beside the socket calls
  synscope live                     watch the handshakes on the loopback interface
  synscope replay capture.pcapng    show the handshakes in a file

`synscope --help` and `synscope COMMAND --help` tell more.";

/// What `--help` ends with.
pub(crate) const AFTER: &str = "\
Examples:
  synscope demo
      Make a handshake with real sockets and see it beside the calls that made it.
  synscope live --interface any --port 443
      Watch the handshakes of this host to or from port 443.
  synscope replay capture.pcapng
      Show the handshakes in a file.
  synscope replay --outcome unanswered --explain capture.pcapng
      Show the attempts that nobody answered, and say what that means.
  synscope replay --format jsonl *.pcap.gz | jq 'select(.outcome? == \"refused\")'
      Read several files as one capture and pick from them by program.

Exit codes:
  0  all input was read; a closed output pipe is fine too
  1  what was expected did not happen
  2  the command line is wrong, or some input can't be read, or the output can't be written
  3  some input is damaged: what came before the damage was shown
  4  a privilege is missing; the message says how to get it

Environment:
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM    colours (see --color)
  LC_ALL, LC_CTYPE, LANG                      ASCII drawing where the locale is not UTF-8
  TZ                                          the time zone of --time local

docs/handshake.md in the source tree explains every outcome, verdict and pattern; docs/json.md the \
JSON.";

/// What `replay --help` ends with.
pub(crate) const REPLAY: &str = "\
Examples:
  synscope replay capture.pcapng
  synscope replay --format table --slower-than 200ms capture.pcapng
  synscope replay --server 10.0.0.0/8 --port 443 --outcome refused --outcome reset capture.pcap
  synscope replay --format summary /var/captures
  ssh host tcpdump -U -w - tcp | synscope replay -

Conditions of one kind are alternatives, conditions of different kinds must all hold. An attempt \
that was never completed has no duration, so --slower-than leaves it out.

The patterns that --pattern takes are listed in docs/handshake.md; a wrong name is answered with \
the list.

Exit codes: 0 all was read, 2 some input can't be read, 3 some input is damaged.";

/// What `live --help` ends with.
#[cfg(unix)]
pub(crate) const LIVE: &str = "\
Examples:
  synscope live
  synscope live --interface eth0 --port 443 --outcome refused
  synscope live --interface any --format jsonl --for 10m -o handshakes.jsonl
  synscope live --count 1 --explain
  synscope live --interface any --write ring.pcapng --rotate 100MB --keep 3 --format summary

An attempt is shown as soon as it is decided. Where later segments change the verdict (a server that \
goes on sending SYN-ACK did not accept), it is shown again, marked as amended.

--host and --port also narrow what the kernel hands over, so the totals count only that.

SIGINT and SIGTERM end the capture; what had arrived is still shown, and the exit code is 0.

Exit codes: 0 the capture ended as it was asked to, 2 an interface is missing or down, or the output \
can't be written, 4 a privilege is missing; the message says how to get it (docs/privileges.md).";

/// What `demo --help` ends with.
#[cfg(target_os = "linux")]
pub(crate) const DEMO: &str = "\
Examples:
  synscope demo
  synscope demo --list
  synscope demo refused --explain
  synscope demo many --connections 1000 --format table
  synscope demo all --save captures

Exit codes: 0 everything ended as the story says, 1 it did not, 4 no network namespace can \
be made, and this host's loopback can't be captured.

On a terminal a story that takes seconds is drawn while it goes on.";

/// What `completions --help` ends with.
pub(crate) const COMPLETIONS: &str = "\
Examples:
  synscope completions bash > ~/.local/share/bash-completion/completions/synscope
  synscope completions zsh  > \"${fpath[1]}/_synscope\"
  synscope completions fish > ~/.config/fish/completions/synscope.fish";

/// What `man --help` ends with.
pub(crate) const MAN: &str = "\
Examples:
  synscope man | man -l -
  synscope man --dir ~/.local/share/man/man1";

/// `--color`.
pub(crate) const COLOR: &str = "\
When to use colours

`auto` is: on a terminal. The environment may decide otherwise: NO_COLOR, CLICOLOR=0 and TERM=dumb \
take them away, CLICOLOR_FORCE=1 asks for them in pipes and files too.";
