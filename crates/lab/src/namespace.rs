//! A private network namespace: a loopback that no other process uses, and every right on it.

use std::fmt;
use std::fs;
use std::io;

use socket2::{Domain, Socket, Type};

use crate::{errno, sys};

/// Proof that this process has moved into a network namespace of its own, with `lo` up.
///
/// There is no way back, and threads started from now on are in it too. Nothing there can be
/// reached from outside, nor reaches out.
#[derive(Debug)]
pub struct Namespace(());

impl Namespace {
    /// Moves the process into a new user namespace and a new network namespace and brings `lo` up.
    /// It takes no privilege. Where user namespaces are forbidden, `CAP_SYS_ADMIN` does instead.
    ///
    /// Call it while the process has one thread: Linux refuses a new user namespace otherwise.
    ///
    /// # Errors
    /// The step that failed, what the kernel said, and the setting that is the likely cause.
    pub fn enter() -> Result<Self, NamespaceError> {
        alone(|| {
            let ids = ids()?;
            match sys::unshare(BOTH) {
                Ok(()) => map_ids(ids, ids),
                // With CAP_SYS_ADMIN the network namespace alone does.
                Err(first) => {
                    sys::unshare(libc::CLONE_NEWNET).map_err(|_| (NamespaceStep::Unshare, first))
                }
            }
        })
    }

    /// Like [`Namespace::enter`], with these ids of user and group inside, and never without a user
    /// namespace: a change there has no effect elsewhere. As 0 a program that is started there has
    /// every right in it.
    ///
    /// # Errors
    /// See [`Namespace::enter`].
    pub fn enter_as(uid: u32, gid: u32) -> Result<Self, NamespaceError> {
        alone(|| {
            let outside = ids()?;
            sys::unshare(BOTH).map_err(|error| (NamespaceStep::Unshare, error))?;
            map_ids((uid, gid), outside)
        })
    }
}

/// A user namespace and a network namespace.
const BOTH: libc::c_int = libc::CLONE_NEWUSER | libc::CLONE_NEWNET;

/// Where entering a namespace failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceStep {
    /// unshare(2) itself.
    Unshare,
    /// Writing `deny` to `/proc/self/setgroups`, without which `gid_map` can't be written.
    SetGroups,
    /// Writing `/proc/self/uid_map`.
    UidMap,
    /// Writing `/proc/self/gid_map`.
    GidMap,
    /// Bringing `lo` up (ioctl `SIOCSIFFLAGS`).
    LoopbackUp,
}

impl fmt::Display for NamespaceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unshare => "unshare(CLONE_NEWUSER|CLONE_NEWNET)",
            Self::SetGroups => "writing /proc/self/setgroups",
            Self::UidMap => "writing /proc/self/uid_map",
            Self::GidMap => "writing /proc/self/gid_map",
            Self::LoopbackUp => "bringing lo up (SIOCSIFFLAGS)",
        })
    }
}

/// What keeps this process from entering a namespace, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The process has more than one thread.
    Threads(usize),
    /// `user.max_user_namespaces` is 0.
    UserNamespacesOff,
    /// `user.max_net_namespaces` is 0.
    NetNamespacesOff,
    /// Some limit on user or network namespaces is reached.
    Limit,
    /// `kernel.unprivileged_userns_clone` is 0 (Debian's kernels).
    UnprivilegedClone,
    /// A seccomp filter (containers have one) or a chroot.
    SeccompOrChroot,
    /// `kernel.apparmor_restrict_unprivileged_userns` is 1 (Ubuntu).
    AppArmor,
    /// The kernel was built without user or network namespaces.
    Kernel,
    /// The namespaces are there, yet without rights in them: a security module.
    SecurityModule,
    /// `/proc` is not mounted, or not writable.
    Proc,
    /// None of these.
    Unknown,
}

impl fmt::Display for Cause {
    /// What it is and what to do about it, in one sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threads(count) => {
                return write!(f, "the process has {count} threads: enter before starting any");
            }
            Self::UserNamespacesOff => {
                "user.max_user_namespaces is 0: sudo sysctl user.max_user_namespaces=1000"
            }
            Self::NetNamespacesOff => {
                "user.max_net_namespaces is 0: sudo sysctl user.max_net_namespaces=1000"
            }
            Self::Limit => {
                "user.max_user_namespaces or user.max_net_namespaces is reached, or namespaces are nested too deep"
            }
            Self::UnprivilegedClone => {
                "kernel.unprivileged_userns_clone is 0: sudo sysctl kernel.unprivileged_userns_clone=1"
            }
            Self::SeccompOrChroot => {
                "a seccomp filter (docker run --security-opt seccomp=unconfined lifts it) or a chroot forbids it"
            }
            Self::AppArmor => {
                "kernel.apparmor_restrict_unprivileged_userns is 1: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that allows userns"
            }
            Self::Kernel => "the kernel was built without CONFIG_USER_NS or CONFIG_NET_NS",
            Self::SecurityModule => {
                "a security module (AppArmor, SELinux) grants no rights in new user namespaces"
            }
            Self::Proc => "/proc is not mounted, or not writable",
            Self::Unknown => "no known setting explains it",
        })
    }
}

/// No network of one's own.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {}: {cause}", errno::describe(.error))]
pub struct NamespaceError {
    /// The step that failed.
    pub step: NamespaceStep,
    /// What most likely forbids it.
    pub cause: Cause,
    /// The error of the kernel, which the text says with the name of its number.
    pub error: io::Error,
}

impl NamespaceError {
    /// Whether it is this host that forbids namespaces, and not the program that went wrong.
    pub fn is_forbidden(&self) -> bool {
        !matches!(self.cause, Cause::Threads(_) | Cause::Unknown)
    }
}

type Failure = (NamespaceStep, io::Error);

/// Enters by `unshare`, in a process with one thread, and brings `lo` up.
fn alone(unshare: impl FnOnce() -> Result<(), Failure>) -> Result<Namespace, NamespaceError> {
    let settings = Settings::read();
    let entered = match settings.threads {
        // A privileged process could move the calling thread alone, and leave the others behind.
        2.. => Err((NamespaceStep::Unshare, io::Error::from_raw_os_error(libc::EINVAL))),
        _ => unshare(),
    };
    let entered =
        entered.and_then(|()| loopback_up().map_err(|error| (NamespaceStep::LoopbackUp, error)));
    entered.map(Namespace).map_err(|(step, error)| NamespaceError {
        step,
        cause: settings.cause(step, &error),
        error,
    })
}

/// The effective ids of user and group: `/proc/self` belongs to them. To be read before: in the new
/// namespace they are unmapped and read as 65534.
fn ids() -> Result<(u32, u32), Failure> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata("/proc/self").map_err(|error| (NamespaceStep::UidMap, error))?;
    Ok((metadata.uid(), metadata.gid()))
}

/// Gives the process the ids `inside`. Files made from now on belong to the ids `outside`.
fn map_ids(inside: (u32, u32), outside: (u32, u32)) -> Result<(), Failure> {
    let line = |inside: u32, outside: u32| format!("{inside} {outside} 1");
    // The rights of the process are those of its namespace now: whoever traces it gains nothing.
    sys::own_proc_files().map_err(|error| (NamespaceStep::SetGroups, error))?;
    fs::write("/proc/self/setgroups", "deny").map_err(|error| (NamespaceStep::SetGroups, error))?;
    fs::write("/proc/self/uid_map", line(inside.0, outside.0))
        .map_err(|error| (NamespaceStep::UidMap, error))?;
    fs::write("/proc/self/gid_map", line(inside.1, outside.1))
        .map_err(|error| (NamespaceStep::GidMap, error))
}

fn loopback_up() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    sys::interface_up(&socket, "lo")
}

/// The settings that forbid namespaces, read before anything is tried; `None` where this kernel
/// does not have the setting.
#[derive(Clone, Copy, Debug, Default)]
struct Settings {
    threads: usize,
    max_user_namespaces: Option<u64>,
    max_net_namespaces: Option<u64>,
    unprivileged_clone: Option<u64>,
    apparmor_restrict: Option<u64>,
}

impl Settings {
    fn read() -> Self {
        let number = |path| fs::read_to_string(path).ok()?.trim().parse().ok();
        Self {
            threads: fs::read_dir("/proc/self/task").map_or(1, Iterator::count),
            max_user_namespaces: number("/proc/sys/user/max_user_namespaces"),
            max_net_namespaces: number("/proc/sys/user/max_net_namespaces"),
            unprivileged_clone: number("/proc/sys/kernel/unprivileged_userns_clone"),
            apparmor_restrict: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        }
    }

    fn cause(&self, step: NamespaceStep, error: &io::Error) -> Cause {
        match (step, error.raw_os_error()) {
            (NamespaceStep::Unshare, Some(libc::EINVAL)) if self.threads > 1 => {
                Cause::Threads(self.threads)
            }
            (NamespaceStep::Unshare, Some(libc::EINVAL | libc::ENOSYS)) => Cause::Kernel,
            (NamespaceStep::Unshare, Some(libc::ENOSPC)) if self.max_user_namespaces == Some(0) => {
                Cause::UserNamespacesOff
            }
            (NamespaceStep::Unshare, Some(libc::ENOSPC)) if self.max_net_namespaces == Some(0) => {
                Cause::NetNamespacesOff
            }
            (NamespaceStep::Unshare, Some(libc::ENOSPC | libc::EUSERS)) => Cause::Limit,
            (NamespaceStep::Unshare, Some(libc::EPERM)) if self.unprivileged_clone == Some(0) => {
                Cause::UnprivilegedClone
            }
            (NamespaceStep::Unshare, Some(libc::EPERM | libc::EACCES)) if self.apparmor() => {
                Cause::AppArmor
            }
            (NamespaceStep::Unshare, Some(libc::EPERM)) => Cause::SeccompOrChroot,
            (_, Some(libc::EPERM | libc::EACCES)) if self.apparmor() => Cause::AppArmor,
            (_, Some(libc::EPERM | libc::EACCES)) => Cause::SecurityModule,
            (_, Some(libc::ENOENT | libc::EROFS)) => Cause::Proc,
            _ => Cause::Unknown,
        }
    }

    fn apparmor(&self) -> bool {
        self.apparmor_restrict.is_some_and(|value| value != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(settings: Settings, step: NamespaceStep, number: i32) -> Cause {
        settings.cause(step, &io::Error::from_raw_os_error(number))
    }

    #[test]
    fn every_refusal_names_the_setting_behind_it() {
        let plain = Settings { threads: 1, ..Settings::default() };
        let off = Settings { max_user_namespaces: Some(0), ..plain };
        let no_nets = Settings { max_net_namespaces: Some(0), ..plain };
        let debian = Settings { unprivileged_clone: Some(0), ..plain };
        let ubuntu = Settings { apparmor_restrict: Some(1), ..plain };
        let lifted = Settings { apparmor_restrict: Some(0), unprivileged_clone: Some(1), ..plain };
        let threaded = Settings { threads: 3, ..plain };
        for (settings, step, number, expected) in [
            (off, NamespaceStep::Unshare, libc::ENOSPC, Cause::UserNamespacesOff),
            (no_nets, NamespaceStep::Unshare, libc::ENOSPC, Cause::NetNamespacesOff),
            (plain, NamespaceStep::Unshare, libc::ENOSPC, Cause::Limit),
            (plain, NamespaceStep::Unshare, libc::EUSERS, Cause::Limit),
            (debian, NamespaceStep::Unshare, libc::EPERM, Cause::UnprivilegedClone),
            (ubuntu, NamespaceStep::Unshare, libc::EPERM, Cause::AppArmor),
            (plain, NamespaceStep::Unshare, libc::EPERM, Cause::SeccompOrChroot),
            (lifted, NamespaceStep::Unshare, libc::EPERM, Cause::SeccompOrChroot),
            (threaded, NamespaceStep::Unshare, libc::EINVAL, Cause::Threads(3)),
            (plain, NamespaceStep::Unshare, libc::EINVAL, Cause::Kernel),
            (ubuntu, NamespaceStep::UidMap, libc::EPERM, Cause::AppArmor),
            (ubuntu, NamespaceStep::LoopbackUp, libc::EACCES, Cause::AppArmor),
            (lifted, NamespaceStep::LoopbackUp, libc::EPERM, Cause::SecurityModule),
            (plain, NamespaceStep::SetGroups, libc::EROFS, Cause::Proc),
            (plain, NamespaceStep::GidMap, libc::EIO, Cause::Unknown),
        ] {
            assert_eq!(cause(settings, step, number), expected, "{step}: {number}");
        }
    }

    #[test]
    fn the_message_has_step_errno_and_remedy() {
        let error = io::Error::from_raw_os_error(libc::ENOSPC);
        let error =
            NamespaceError { step: NamespaceStep::Unshare, cause: Cause::UserNamespacesOff, error };
        assert_eq!(
            error.to_string(),
            "unshare(CLONE_NEWUSER|CLONE_NEWNET): ENOSPC (No space left on device): \
             user.max_user_namespaces is 0: sudo sysctl user.max_user_namespaces=1000"
        );
    }
}
