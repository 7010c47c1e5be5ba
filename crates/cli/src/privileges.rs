//! The advice where a capture is not permitted.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::Path;

use capture::live::{NotPermitted, Obstacle};
use render::escape;

/// Reports on standard error what is missing and how to get it.
pub(crate) fn explain(interface: &str, facts: &NotPermitted) {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let text = advice(interface, facts, &arguments);
    // If standard error fails, there is no other place to report to.
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
    // Root has the privilege before execution; obstacles that act on execution don't concern it.
    let concerns_root =
        |it: &Obstacle| matches!(it, Obstacle::BoundingSet | Obstacle::UserNamespace);
    let obstacles = || facts.obstacles.iter().filter(|it| !facts.root || concerns_root(it));
    let free = obstacles().next().is_none();
    if free && facts.root {
        advise("root has no such capability here: a container or a sandbox removed it", &[]);
    } else if free && cfg!(target_os = "linux") {
        let command = format!("sudo setcap cap_net_raw+p {binary}");
        advise("grant the capability to this program (again after each installation):", &[command]);
    }
    obstacles().for_each(|obstacle| advise(way_around(*obstacle), &[]));
    // The others bind every program that this process starts, sudo included.
    if !facts.root && obstacles().all(|it| *it == Obstacle::NosuidMount) {
        let command = format!("sudo {binary} {}", arguments.join(" "));
        advise(
            "or run it as root (with the full path, because sudo uses its own PATH):",
            &[command],
        );
    }
    if free || obstacles().any(|it| *it == Obstacle::BoundingSet) {
        advise("in a container, start the container with:", &["--cap-add=NET_RAW".to_owned()]);
    }
    let without = ["synscope replay FILE".to_owned(), "synscope demo".to_owned()];
    advise("these commands need no privilege:", &without);
    lines.push(String::new());
    lines.join("\n")
}

/// The advice about an obstacle.
fn way_around(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NosuidMount => {
            "programs on that file system gain no capability: install it elsewhere (/usr/local/bin), then run setcap"
        }
        Obstacle::NoNewPrivileges => {
            "start it without no_new_privs (systemd sets it with NoNewPrivileges=; containers and sandboxes may set it)"
        }
        Obstacle::BoundingSet => {
            "the parent process removed the capability from the bounding set (systemd: CapabilityBoundingSet=)"
        }
        Obstacle::UserNamespace => {
            "capabilities of a user namespace are valid for its own networks only: capture from outside it"
        }
    }
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
    fn an_ordinary_user_sees_every_way() {
        assert_eq!(
            text(&facts()),
            "synscope: capturing on lo is not permitted: CAP_NET_RAW is missing
  grant the capability to this program (again after each installation):
      sudo setcap cap_net_raw+p '/opt/my tools/synscope'
  or run it as root (with the full path, because sudo uses its own PATH):
      sudo '/opt/my tools/synscope' live -i lo --host 'a b'
  in a container, start the container with:
      --cap-add=NET_RAW
  these commands need no privilege:
      synscope replay FILE
      synscope demo
"
        );
    }

    #[test]
    fn what_would_not_help_is_not_advised() {
        let with = |root, obstacle| NotPermitted { root, obstacles: vec![obstacle], ..facts() };
        for (obstacle, way, sudo, container) in [
            (Obstacle::NosuidMount, "/usr/local/bin", true, false),
            (Obstacle::NoNewPrivileges, "NoNewPrivileges=", false, false),
            (Obstacle::BoundingSet, "CapabilityBoundingSet=", false, true),
            (Obstacle::UserNamespace, "from outside it", false, false),
        ] {
            let text = text(&with(false, obstacle));
            assert!(!text.contains("setcap cap_net_raw"), "{text}");
            assert!(text.contains(&obstacle.to_string()) && text.contains(way), "{text}");
            let advised =
                (text.contains("sudo /") || text.contains("sudo '"), text.contains("--cap-add"));
            assert_eq!(advised, (sudo, container), "{text}");
        }
    }

    #[test]
    fn root_sees_the_cause_of_a_missing_privilege() {
        let root = |obstacles| text(&NotPermitted { root: true, obstacles, ..facts() });
        for obstacles in [vec![], vec![Obstacle::NosuidMount, Obstacle::NoNewPrivileges]] {
            let text = root(obstacles);
            assert!(text.contains("a container or a sandbox removed it"), "{text}");
            assert!(text.contains("--cap-add=NET_RAW") && !text.contains("sudo"), "{text}");
        }
        let rootless = root(vec![Obstacle::UserNamespace]);
        assert!(rootless.contains("capture from outside it"), "{rootless}");
        assert!(!rootless.contains("--cap-add") && !rootless.contains("sudo"), "{rootless}");
    }

    #[test]
    fn words_are_quoted_for_a_shell_and_for_a_terminal() {
        assert_eq!(quote(OsStr::new("/usr/bin/synscope")), "/usr/bin/synscope");
        assert_eq!(quote(OsStr::new("")), "''");
        assert_eq!(quote(OsStr::new("it's $HOME")), r"'it'\''s $HOME'");
        assert_eq!(quote(OsStr::new("\x1b[2J")), r"'\x1b[2J'");
    }
}
