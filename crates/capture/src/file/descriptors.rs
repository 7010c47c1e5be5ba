//! How many files may be open at the same time.

/// As many may always be: some systems allow a process 256 descriptors.
const USUAL: usize = 128;
/// More would leave too little of a buffer for each.
pub(super) const MOST: usize = 2048;
/// Descriptors for everything else that a process has open.
const OTHERS: usize = 128;

/// How many of `wanted` files may be open. Where that is more than usual, and the system lets this
/// process have more descriptors than it has now, it takes them: to open a file again for one packet
/// costs more than a hundred packets.
pub(super) fn for_files(wanted: usize) -> usize {
    if wanted <= USUAL { USUAL } else { USUAL.max(raised().saturating_sub(OTHERS)).min(MOST) }
}

#[cfg(unix)]
fn raised() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Twice the most, as a program may hold several replays.
    const ENOUGH: u64 = 2 * MOST as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current.filter(|&current| current < ENOUGH) else { return usize::MAX };
    let more = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    let limit = match setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum }) {
        Ok(()) => more,
        Err(_) => current,
    };
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
const fn raised() -> usize {
    USUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_leave_the_process_as_it_is() {
        assert_eq!([0, 1, USUAL].map(for_files), [USUAL; 3]);
        let many = for_files(MOST);
        assert!((USUAL..=MOST).contains(&many), "{many}");
        assert_eq!(for_files(usize::MAX), many);
    }
}
