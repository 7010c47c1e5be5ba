//! Landlock: the part of Linux by which a process closes files and ports to itself, for good.

use std::path::{Path, PathBuf};
use std::{env, io};

use ::landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetStatus, Scope, make_bitflags,
};
use rustix::io::Errno;

use super::{Access, Sandbox};

/// The newest version that is known here. An older kernel enforces what it knows of it.
const NEWEST: ABI = ABI::V10;

/// What the program itself asks of the system: counters of the kernel, the number of cores, time zones.
const OF_THE_SYSTEM: [&str; 4] = ["/proc", "/sys", "/usr/share/zoneinfo", "/etc/localtime"];
/// Where the environment may say that time zones are.
const OF_ZONES: [&str; 2] = ["TZ", "TZDIR"];
/// Keys are read from there where standard input is something else.
const TERMINAL: &str = "/dev/tty";

/// Closes what the sandbox does not leave to this thread. Gives the version of Landlock that is
/// enforced, or why none is.
///
/// # Errors
/// There is no descriptor for what is to be left. Nothing is closed then.
pub(super) fn enforce(sandbox: &Sandbox) -> io::Result<Result<String, String>> {
    let restricted = match restrict(sandbox) {
        Ok(restricted) => restricted,
        Err(error) => return no_descriptor(&error).map_or(Ok(Err(error.to_string())), Err),
    };
    let RestrictionStatus { ruleset, landlock, .. } = restricted;
    Ok(match (ruleset, landlock) {
        (RulesetStatus::NotEnforced, _) => Err("this kernel has no Landlock".to_owned()),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(format!("{effective_abi:?}")),
        (_, status) => Err(format!("Landlock is {status:?}")),
    })
}

/// The failure behind an error where that is the want of a descriptor.
fn no_descriptor(error: &anyhow::Error) -> Option<io::Error> {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    let mut codes = causes.filter_map(io::Error::raw_os_error);
    let wanting = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
    codes.find(|code| wanting.contains(code)).map(io::Error::from_raw_os_error)
}

fn restrict(sandbox: &Sandbox) -> anyhow::Result<RestrictionStatus> {
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let of_the_system = OF_THE_SYSTEM.iter().map(|path| (Path::new(path), Access::Read));
    let zones: Vec<PathBuf> = OF_ZONES.iter().filter_map(|name| zone_path(name)).collect();
    let of_zones = zones.iter().map(|path| (path.as_path(), Access::Read));
    let terminal = (Path::new(TERMINAL), Access::WriteInPlace);
    let own = sandbox.paths.iter().map(|(path, access)| (path.as_path(), *access));
    for (path, access) in of_the_system.chain(of_zones).chain([terminal]).chain(own) {
        leave(&mut ruleset, path, access)?;
    }
    if let Some(port) = sandbox.listens {
        ruleset = ruleset.add_rule(NetPort::new(port, AccessNet::BindTcp))?;
    }
    Ok(ruleset.restrict_self()?)
}

/// The path in a variable of the environment, which may have a colon before it.
fn zone_path(variable: &str) -> Option<PathBuf> {
    let value = env::var_os(variable)?.into_string().ok()?;
    let path = PathBuf::from(value.strip_prefix(':').unwrap_or(&value));
    path.is_absolute().then_some(path)
}

/// Leaves a path. Where that can't be, it need not be: nothing is there, or a pipe, which Landlock
/// does not know. What is not left is refused when it is opened, and said then.
///
/// # Errors
/// There is no descriptor for it. When it is opened there may be one, and it would be refused as if
/// it belonged to somebody else.
fn leave(ruleset: &mut RulesetCreated, path: &Path, access: Access) -> anyhow::Result<()> {
    let fd = match PathFd::new(path).map_err(anyhow::Error::from) {
        Ok(fd) => fd,
        Err(error) if no_descriptor(&error).is_some() => return Err(error),
        Err(_) => return Ok(()),
    };
    let rights = rights(access);
    let rights = if path.is_dir() { rights } else { rights & AccessFs::from_file(NEWEST) };
    let _ = ruleset.add_rule(PathBeneath::new(fd, rights));
    Ok(())
}

fn rights(access: Access) -> BitFlags<AccessFs> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let write = read | make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | RemoveFile});
    match access {
        Access::Read => read,
        Access::Write => write,
        Access::WriteBelow => write | AccessFs::MakeDir,
        Access::WriteInPlace => {
            make_bitflags!(AccessFs::{ReadFile | WriteFile | Truncate | IoctlDev})
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{self, ErrorKind};
    use std::net::{TcpListener, TcpStream};
    use std::path::PathBuf;
    use std::process::Command;
    use std::thread;

    use super::*;

    /// A directory for a test, with files in it.
    fn directory(name: &str, files: &[&str]) -> PathBuf {
        let name = format!("synscope-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        for file in files {
            let path = directory.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "content").unwrap();
        }
        directory
    }

    /// Runs it on a thread of its own, which is confined; the other tests are not. Where the kernel has no
    /// Landlock there is nothing to test: that is said, and with `CI` set it is a failure.
    fn confined(sandbox: Sandbox, test: impl FnOnce() + Send + 'static) {
        let thread = thread::spawn(move || match enforce(&sandbox).unwrap() {
            Ok(_) => test(),
            Err(why) if std::env::var_os("CI").is_none() => println!("NOT TESTED: {why}"),
            Err(why) => panic!("{why}"),
        });
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }

    #[track_caller]
    fn refused<T>(result: io::Result<T>) {
        let error = result.err().map(|error| error.kind());
        assert_eq!(error, Some(ErrorKind::PermissionDenied));
    }

    #[test]
    fn what_is_read_is_left_to_read_only() {
        let directory = directory("read", &["in/a", "in/below/b", "other/c"]);
        let sandbox = Sandbox::default().reading(&directory.join("in"));
        let below = directory.clone();
        confined(sandbox, move || {
            let at = |name| below.join(name);
            assert_eq!(fs::read(at("in/a")).unwrap(), b"content");
            assert_eq!(fs::read(at("in/below/b")).unwrap(), b"content");
            assert_eq!(fs::read_dir(at("in")).unwrap().count(), 2);
            refused(fs::read(at("other/c")));
            refused(fs::read_dir(&below));
            refused(fs::write(at("in/a"), "changed"));
            refused(File::create(at("in/new")));
            refused(fs::remove_file(at("in/a")));
            refused(fs::create_dir(at("in/new")));
            // A thread that it starts has no more.
            refused(thread::spawn(move || fs::read(below.join("other/c"))).join().unwrap());
        });
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn what_is_written_is_left_with_its_directory_and_no_other() {
        let directory = directory("write", &["out/old", "tree/old", "other/c"]);
        let file = directory.join("out/new");
        let sandbox = Sandbox::default().writing(&file).writing_below(&directory.join("tree/new/"));
        let sandbox = sandbox.writing_in_place(Path::new("/dev/null"));
        let below = directory.clone();
        confined(sandbox, move || {
            let at = |name| below.join(name);
            fs::write(at("out/part"), "content").unwrap();
            fs::rename(at("out/part"), at("out/new")).unwrap();
            fs::remove_file(at("out/old")).unwrap();
            refused(fs::create_dir(at("out/below")));
            fs::create_dir(at("tree/new")).unwrap();
            fs::write(at("tree/new/file"), "content").unwrap();
            fs::write("/dev/null", "content").unwrap();
            refused(fs::write(at("other/c"), "changed"));
            refused(File::create(at("other/new")));
            refused(fs::rename(at("out/new"), at("other/new")));
            refused(fs::write("/dev/zero", "content"));
        });
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn no_program_is_started_and_no_port_is_used_but_the_one_that_is_left() {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (one, other) = (free(), free());
        let [left, closed] = [&one, &other].map(|port| port.local_addr().unwrap());
        drop(one);
        let sandbox = Sandbox::default().listening(left.port());
        let knows_ports = enforced_version() >= 4;
        confined(sandbox, move || {
            refused(Command::new("/bin/true").status());
            if !knows_ports {
                println!("NOT TESTED: this kernel's Landlock knows no ports");
                return;
            }
            drop(TcpListener::bind(left).unwrap());
            refused(TcpStream::connect(closed));
            refused(TcpListener::bind("127.0.0.1:0"));
        });
    }

    /// The version of Landlock that this kernel has; 0 for none. Ports are known since the fourth.
    fn enforced_version() -> u32 {
        let version = thread::spawn(|| enforce(&Sandbox::default())).join().unwrap();
        version.unwrap().map_or(0, |version| version.trim_start_matches('V').parse().unwrap())
    }
}
