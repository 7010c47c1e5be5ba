//! What to say where a capture is not permitted.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::Path;

use capture::live::{NotPermitted, Obstacle};
use render::escape;

/// Says on standard error what is missing and every way to get on.
pub(crate) fn explain(interface: &str, facts: &NotPermitted) {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let text = advice(interface, facts, &arguments);
    // Where even that fails there is nobody left to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The message for `arguments`, which the user typed after the name of the program.
fn advice(interface: &str, facts: &NotPermitted, arguments: &[OsString]) -> String {
    let binary = quote(facts.binary.as_deref().unwrap_or(Path::new("synscope")).as_os_str());
    let arguments: Vec<String> = arguments.iter().map(|one| quote(one)).collect();
    let mut lines =
        vec![format!("synscope: capturing on {} is not permitted: {facts}", escape(interface))];
    let mut advise = |what: &str, commands: &[String]| {
        lines.push(format!("  {what}"));
        lines.extend(commands.iter().map(|command| format!("      {command}")));
    };
    if facts.root {
        advise("root lacks the privilege here: a container or sandbox took it away", &[]);
    } else if facts.obstacles.is_empty() && cfg!(target_os = "linux") {
        let command = format!("sudo setcap cap_net_raw+ep {binary}");
        advise("grant it to this program, once after each installation:", &[command]);
    }
    // These bind every program that this process starts, sudo included.
    let binds = |obstacle: &Obstacle| *obstacle != Obstacle::NosuidMount;
    if !facts.root && !facts.obstacles.iter().any(binds) {
        let command = format!("sudo {binary} {}", arguments.join(" "));
        advise(
            "or borrow it from root (with the full path: sudo has a PATH of its own):",
            &[command],
        );
    }
    advise("in a container, start it with:", &["--cap-add=NET_RAW".to_owned()]);
    let without = ["synscope replay FILE".to_owned(), "synscope demo".to_owned()];
    advise("none is needed to read a file, or to see handshakes made for you:", &without);
    lines.push(String::new());
    lines.join("\n")
}

/// A word as a shell takes it, safe to show.
fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    escape(&format!("'{}'", word.replace('\'', r"'\''"))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn text(facts: &NotPermitted) -> String {
        advice(
            "lo",
            facts,
            &["live".into(), "-i".into(), "lo".into(), "--host".into(), "a b".into()],
        )
    }

    fn facts() -> NotPermitted {
        let binary = Some(PathBuf::from("/opt/my tools/synscope"));
        NotPermitted { binary, root: false, obstacles: Vec::new() }
    }

    #[test]
    fn an_ordinary_user_is_told_every_way() {
        assert_eq!(
            text(&facts()),
            "synscope: capturing on lo is not permitted: CAP_NET_RAW is missing
  grant it to this program, once after each installation:
      sudo setcap cap_net_raw+ep '/opt/my tools/synscope'
  or borrow it from root (with the full path: sudo has a PATH of its own):
      sudo '/opt/my tools/synscope' live -i lo --host 'a b'
  in a container, start it with:
      --cap-add=NET_RAW
  none is needed to read a file, or to see handshakes made for you:
      synscope replay FILE
      synscope demo
"
        );
    }

    #[test]
    fn what_would_not_help_is_not_advised() {
        for obstacle in [Obstacle::NosuidMount, Obstacle::NoNewPrivileges, Obstacle::BoundingSet] {
            let text = text(&NotPermitted { obstacles: vec![obstacle], ..facts() });
            assert!(!text.contains("setcap"), "{text}");
            assert!(text.contains(&obstacle.to_string()), "{text}");
        }
        let nosuid = NotPermitted { obstacles: vec![Obstacle::NosuidMount], ..facts() };
        assert!(text(&nosuid).contains("sudo"), "{}", text(&nosuid));
        let rootless = NotPermitted { obstacles: vec![Obstacle::UserNamespace], ..facts() };
        assert!(!text(&rootless).contains("sudo"), "{}", text(&rootless));
        let root = text(&NotPermitted { root: true, ..facts() });
        assert!(!root.contains("sudo") && root.contains("container"), "{root}");
    }

    #[test]
    fn words_are_quoted_for_a_shell_and_for_a_terminal() {
        assert_eq!(quote(OsStr::new("/usr/bin/synscope")), "/usr/bin/synscope");
        assert_eq!(quote(OsStr::new("")), "''");
        assert_eq!(quote(OsStr::new("it's $HOME")), r"'it'\''s $HOME'");
        assert_eq!(quote(OsStr::new("\x1b[2J")), r"'\x1b[2J'");
    }
}
