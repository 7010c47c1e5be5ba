//! What capturing needs to be allowed, and giving that up once the sockets are open.

use std::path::Path;
use std::{fs, io};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

use crate::live::{LiveError, NotPermitted, Obstacle, PrivilegeReport};

/// `CAP_NET_RAW`, the one capability that capturing needs.
const NET_RAW: u32 = 13;

const NONE: CapabilitySets = CapabilitySets {
    effective: CapabilitySet::empty(),
    permitted: CapabilitySet::empty(),
    inheritable: CapabilitySet::empty(),
};

impl NotPermitted {
    /// Collects the facts. What can't be found out is left out.
    pub(super) fn gather() -> Self {
        let binary = fs::canonicalize("/proc/self/exe").ok();
        let nosuid = binary.as_deref().is_some_and(is_nosuid);
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        let uid_map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        Self { binary, ..Self::from_texts(&status, &uid_map, nosuid) }
    }

    /// The facts in the texts of `/proc/self/status` and `/proc/self/uid_map`.
    fn from_texts(status: &str, uid_map: &str, nosuid: bool) -> Self {
        let sets = PrivilegeReport::from_status(status);
        let effective_uid = status_field(status, "Uid").and_then(|ids| ids.split('\t').nth(1));
        // The first namespace maps every id to itself: "0 0 4294967295".
        let own_namespace = uid_map
            .lines()
            .next()
            .is_some_and(|line| !line.split_whitespace().eq(["0", "0", "4294967295"]));
        let lacks_net_raw = sets.bounding.is_some_and(|set| set & (1 << NET_RAW) == 0);
        let obstacles = [
            (Obstacle::NosuidMount, nosuid),
            (Obstacle::NoNewPrivileges, sets.no_new_privileges == Some(true)),
            (Obstacle::BoundingSet, lacks_net_raw),
            (Obstacle::UserNamespace, own_namespace),
        ];
        Self {
            binary: None,
            root: effective_uid == Some("0"),
            obstacles: obstacles.iter().filter(|(_, holds)| *holds).map(|(one, _)| *one).collect(),
        }
    }
}

impl PrivilegeReport {
    /// Those of the calling thread.
    pub fn of_this_thread() -> Self {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        Self::from_status(&status)
    }

    fn from_status(status: &str) -> Self {
        let set = |name| u64::from_str_radix(status_field(status, name)?, 16).ok();
        Self {
            inheritable: set("CapInh"),
            permitted: set("CapPrm"),
            effective: set("CapEff"),
            bounding: set("CapBnd"),
            ambient: set("CapAmb"),
            no_new_privileges: status_field(status, "NoNewPrivs").map(|value| value != "0"),
        }
    }
}

fn status_field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

/// Makes `CAP_NET_RAW` effective where it is permitted only. A file that gives it in this way
/// (`setcap cap_net_raw+p`) can be executed also where the bounding set lacks it, and what needs no
/// privilege runs without one.
pub(super) fn raise_net_raw() {
    let Ok(sets) = capabilities(None) else { return };
    let raised = sets.effective | (sets.permitted & CapabilitySet::NET_RAW);
    if raised != sets.effective {
        // Where it is refused, so is the socket, and that is reported.
        let _ = set_capabilities(None, CapabilitySets { effective: raised, ..sets });
    }
}

/// Gives up `CAP_NET_RAW` for good, for this thread and those that it starts: reading files takes none.
/// Others, by which root may read the files of every user, stay.
///
/// # Errors
/// Where the kernel refuses.
pub fn give_up_capturing() -> io::Result<()> {
    let sets = capabilities(None)?;
    let without = |set: CapabilitySet| set.difference(CapabilitySet::NET_RAW);
    let sets = CapabilitySets {
        effective: without(sets.effective),
        permitted: without(sets.permitted),
        inheritable: without(sets.inheritable),
    };
    Ok(set_capabilities(None, sets)?)
}

/// Gives up every capability for good: empties the permitted, effective, inheritable and ambient
/// sets, the bounding set as far as that is allowed, and sets `no_new_privs`. From then on the process
/// is closed to debuggers of the same user, and it leaves no core dumps: what it has captured was
/// captured with a privilege.
///
/// Sockets that are open go on working: frames, statistics, new filters and binding again. New
/// packet sockets are refused from then on. It acts on the calling thread, and threads started later
/// inherit it: call it after [`crate::live::Live::open`] and before the first thread.
///
/// # Errors
/// [`LiveError::Threads`] where there are other threads already, [`LiveError::System`] where the
/// kernel refuses. Privileges may be there still after an error: don't go on.
pub fn drop_privileges() -> Result<PrivilegeReport, LiveError> {
    let failed = |step| {
        move |source| LiveError::System { step, interface: "this process".to_owned(), source }
    };
    let status =
        fs::read_to_string("/proc/self/status").map_err(failed("read /proc/self/status"))?;
    match status_field(&status, "Threads").and_then(|count| count.parse().ok()) {
        Some(1) | None => {}
        Some(count) => return Err(LiveError::Threads { count }),
    }
    // Without CAP_SETPCAP the first call fails, and `no_new_privs` has to do.
    for capability in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << capability);
        if remove_capability_from_bounding_set(capability).is_err() {
            break;
        }
    }
    let clear = || clear_ambient_capability_set().and_then(|()| set_capabilities(None, NONE));
    clear().map_err(io::Error::from).map_err(failed("clear the capabilities"))?;
    // Neither this thread nor what it starts can gain privileges by executing a file any more.
    set_no_new_privs(true).map_err(io::Error::from).map_err(failed("set no_new_privs"))?;
    // Neither a debugger nor another process of the same user can read this memory any more, and a crash
    // leaves no core dump.
    let forbidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    forbidden.map_err(io::Error::from).map_err(failed("forbid dumps"))?;
    Ok(PrivilegeReport::of_this_thread())
}

/// Whether files on this mount may not give privileges to who executes them.
fn is_nosuid(path: &Path) -> bool {
    statvfs(path).is_ok_and(|facts| facts.f_flag.contains(StatVfsMountFlags::NOSUID))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tsynscope\nUid:\t1000\t1000\t1000\t1000\nThreads:\t1\n\
        CapInh:\t0000000000000000\nCapPrm:\t0000000000002000\nCapEff:\t0000000000002000\n\
        CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n";

    #[test]
    fn nothing_stands_in_the_way_of_an_ordinary_user_on_the_host() {
        let facts = NotPermitted::from_texts(STATUS, "         0          0 4294967295\n", false);
        assert_eq!(facts, NotPermitted { binary: None, root: false, obstacles: vec![] });
        assert_eq!(facts.to_string(), "CAP_NET_RAW is missing");
    }

    #[test]
    fn every_obstacle_is_reported() {
        let status = STATUS
            .replace("1ffffffffff", "1ffffffdfff")
            .replace("NoNewPrivs:\t0", "NoNewPrivs:\t1")
            .replace("Uid:\t1000\t1000", "Uid:\t0\t0");
        let facts = NotPermitted::from_texts(&status, "         0       1000          1\n", true);
        let obstacles = vec![
            Obstacle::NosuidMount,
            Obstacle::NoNewPrivileges,
            Obstacle::BoundingSet,
            Obstacle::UserNamespace,
        ];
        assert_eq!(facts, NotPermitted { binary: None, root: true, obstacles });
    }

    #[test]
    fn what_the_kernel_does_not_show_is_unknown() {
        let report = PrivilegeReport::from_status(STATUS);
        assert_eq!(
            report.to_string(),
            "CapInh 0000000000000000, CapPrm 0000000000002000, CapEff 0000000000002000, \
             CapBnd 000001ffffffffff, CapAmb 0000000000000000, NoNewPrivs 0"
        );
        assert_eq!(PrivilegeReport::from_status(""), PrivilegeReport::default());
    }

    #[test]
    fn privileges_are_not_dropped_beside_other_threads() {
        let _limit = testkit::TimeLimit::start();
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || wait.recv());
            let result = drop_privileges();
            assert!(matches!(result, Err(LiveError::Threads { count }) if count > 1));
            drop(stop);
        });
    }
}
