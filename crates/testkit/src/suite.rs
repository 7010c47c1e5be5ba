//! Tests that take a process of their own.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::iter;
use std::os::unix::process::parent_id;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Names the case that a child is to run.
const CASE: &str = "TESTKIT_CASE";
/// The exit code of a child to which something is forbidden that its case needs.
const FORBIDDEN: u8 = 77;

/// What a case needs may be forbidden here, which is reported as an error.
type Outcome = Result<(), Box<dyn Error>>;

/// One test. It fails where `run` panics or returns an error.
pub struct Case {
    /// What it is called, and chosen by.
    pub name: String,
    /// The test itself, in a process that does nothing else and has one thread.
    pub run: Box<dyn Fn() -> Outcome + Sync>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The tests of a binary without a harness: each in a process of its own, which ends for good what it
/// did to itself, such as moving into other namespaces.
#[derive(Debug)]
pub struct Suite {
    /// All there are.
    pub cases: Vec<Case>,
    /// How many run at the same time.
    pub at_once: usize,
    /// Ends a case that takes longer.
    pub limit: Duration,
    /// The name of this binary among those of the project.
    pub name: &'static str,
    /// A directory that the suites of the project share: `CARGO_TARGET_TMPDIR`.
    pub shared: &'static str,
    /// Whether an error says that this host forbids what the cases need.
    pub is_forbidden: fn(&(dyn Error + 'static)) -> bool,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Passed,
    /// What there is to show of it.
    Failed(String),
    /// What forbids it.
    NotRun(String),
}

impl Suite {
    /// Runs the cases whose name contains the first argument that is no option, or all.
    ///
    /// Cases that this host forbids are counted, and what forbids them is reported at the end; with
    /// `CI=true` that is a failure. A name that no case has is one as well.
    pub fn main(&self) -> ExitCode {
        if let Ok(name) = env::var(CASE) {
            return self.be(&name);
        }
        let filter = env::args().skip(1).find(|argument| !argument.starts_with('-'));
        let filter = filter.unwrap_or_default();
        let chosen: Vec<&Case> =
            self.cases.iter().filter(|case| case.name.contains(&filter)).collect();
        if chosen.is_empty() {
            println!("no test of `{}` has {filter:?} in its name", self.name);
            return ExitCode::FAILURE;
        }
        let ends = self.run_all(&chosen);
        let count = |wanted: fn(&End) -> bool| ends.iter().filter(|end| wanted(end)).count();
        let passed = count(|end| *end == End::Passed);
        let failed = count(|end| matches!(end, End::Failed(_)));
        let reasons: Vec<&str> = ends
            .iter()
            .filter_map(|end| if let End::NotRun(why) = end { Some(why.as_str()) } else { None })
            .collect();
        println!("\n{passed} passed, {failed} failed, {} could not be run", reasons.len());
        let before = self.share(reasons.len()).unwrap_or_else(|error| {
            println!("{}: what other suites could not run is not known: {error}", self.shared);
            0
        });
        let in_ci = env::var("CI").is_ok_and(|value| value == "true");
        if !reasons.is_empty() {
            println!("{}", notice(self.name, chosen.len(), &reasons, before, in_ci));
        }
        if failed > 0 || in_ci && !reasons.is_empty() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    /// Runs one case in this process.
    fn be(&self, name: &str) -> ExitCode {
        let Some(case) = self.cases.iter().find(|case| case.name == name) else {
            eprintln!("there is no case {name}");
            return ExitCode::FAILURE;
        };
        match (case.run)() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let causes = iter::successors(Some(error.as_ref()), |&error| error.source());
                eprintln!("{}", causes.map(ToString::to_string).collect::<Vec<_>>().join(": "));
                let forbidden = (self.is_forbidden)(error.as_ref());
                if forbidden { ExitCode::from(FORBIDDEN) } else { ExitCode::FAILURE }
            }
        }
    }

    fn run_all(&self, chosen: &[&Case]) -> Vec<End> {
        let (next, ends) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                let end =
                    self.run(&case.name).unwrap_or_else(|error| End::Failed(error.to_string()));
                let (word, why) = match &end {
                    End::Passed => ("ok", ""),
                    End::Failed(why) => ("FAILED\n", why.as_str()),
                    End::NotRun(_) => ("NOT RUN", ""),
                };
                println!("test {} ... {word}{why}", case.name);
                ends.lock().expect("no thread panics with it").push(end);
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.at_once.min(chosen.len()) {
                scope.spawn(work);
            }
        });
        ends.into_inner().expect("no thread panics with it")
    }

    fn run(&self, name: &str) -> io::Result<End> {
        let child = Command::new(env::current_exe()?)
            .env(CASE, name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let (code, said) = finish(child, self.limit)?;
        Ok(match code {
            Some(0) => End::Passed,
            Some(code) if code == i32::from(FORBIDDEN) => End::NotRun(said.trim().to_owned()),
            Some(code) => End::Failed(format!("{said}exit code {code}")),
            None => End::Failed(format!("{said}ended by a signal, or not within {:?}", self.limit)),
        })
    }

    /// Notes how many cases this suite could not run, and tells of how many the suites before it said
    /// so: those that the same process has started, which is the same `cargo test`.
    fn share(&self, not_run: usize) -> io::Result<usize> {
        let path = Path::new(self.shared).join("not-run");
        let (starter, mut text, mut before) = (parent_id().to_string(), String::new(), 0);
        let known = if path.exists() { fs::read_to_string(&path)? } else { String::new() };
        for line in known.lines() {
            let mut words = line.split(' ');
            let theirs = words.next() == Some(&starter) && words.next() != Some(self.name);
            if let Some(count) = words.next().filter(|_| theirs) {
                before += count.parse::<usize>().unwrap_or(0);
                writeln!(text, "{line}").map_err(io::Error::other)?;
            }
        }
        writeln!(text, "{starter} {} {not_run}", self.name).map_err(io::Error::other)?;
        // Another user may have written the file that is there.
        let new = path.with_extension(std::process::id().to_string());
        fs::write(&new, text)?;
        fs::rename(new, path)?;
        Ok(before)
    }
}

/// A message that must not be overlooked.
fn notice(suite: &str, all: usize, reasons: &[&str], before: usize, in_ci: bool) -> String {
    let line = "#".repeat(80);
    let count = reasons.len();
    let mut text =
        format!("\n{line}\n## {count} of the {all} tests of `{suite}` COULD NOT BE RUN here");
    if before > 0 {
        let _ = write!(text, ", {} with those of other suites", count + before);
    }
    text += ". This forbids them:\n";
    let mut distinct = reasons.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    for reason in distinct {
        let _ = writeln!(text, "## {reason}");
    }
    text += if in_ci {
        "## With CI=true this is a failure.\n"
    } else {
        "## Nothing is known of what they test.\n"
    };
    text + &line
}

/// The exit code of a child and what it wrote to standard error; no code where it had to be killed.
fn finish(mut child: Child, limit: Duration) -> io::Result<(Option<i32>, String)> {
    let mut errors = child.stderr.take().ok_or_else(|| io::Error::other("it is piped"))?;
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        errors.read_to_end(&mut said).map(|_| String::from_utf8_lossy(&said).into_owned())
    });
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() < end => thread::sleep(Duration::from_millis(2)),
            None => {
                child.kill()?;
                break child.wait()?;
            }
        }
    };
    let said = reader.join().map_err(|_| io::Error::other("the reader panicked"))??;
    Ok((status.code(), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_run_is_counted_and_explained_once() {
        let line = "#".repeat(80);
        assert_eq!(
            notice("live", 4, &["off", "full", "off"], 5, false),
            format!(
                "\n{line}\n## 3 of the 4 tests of `live` COULD NOT BE RUN here, 8 with those of other \
                 suites. This forbids them:\n## full\n## off\n## Nothing is known of what they test.\n{line}"
            )
        );
        assert_eq!(
            notice("live", 1, &["off"], 0, true),
            format!(
                "\n{line}\n## 1 of the 1 tests of `live` COULD NOT BE RUN here. This forbids them:\n\
                 ## off\n## With CI=true this is a failure.\n{line}"
            )
        );
    }

    #[test]
    fn suites_of_one_run_add_up_and_others_are_forgotten() {
        let shared = env::temp_dir().join(format!("testkit-suite-{}", std::process::id()));
        fs::create_dir(&shared).expect("a directory");
        let note = shared.join("not-run");
        fs::write(&note, "1 one 40\n").expect("written");
        let suite = |name| Suite {
            cases: Vec::new(),
            at_once: 1,
            limit: Duration::ZERO,
            name,
            shared: shared.to_str().expect("UTF-8").to_owned().leak(),
            is_forbidden: |_| false,
        };
        let counts = [("one", 3), ("two", 4), ("one", 2)]
            .map(|(name, count)| suite(name).share(count).expect("it can be written"));
        assert_eq!(counts, [0, 3, 4]);
        let me = parent_id();
        let text = fs::read_to_string(&note).expect("it is there");
        assert_eq!(text, format!("{me} two 4\n{me} one 2\n"));
        fs::remove_dir_all(&shared).expect("removed");
    }
}
