//! The names of hosts that are known before a capture is read.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use anyhow::Context as _;
use hostnames::HostNames;

use crate::args::NameArgs;

/// Where hosts(5) says that names are.
const HOSTS: &str = "/etc/hosts";

/// The hosts file, where names are wanted.
pub(crate) fn hosts_file(args: &NameArgs) -> Option<&Path> {
    args.names.then(|| args.hosts.as_deref().unwrap_or(Path::new(HOSTS)))
}

/// What the hosts file says, where names are wanted. A system may have none, but one that the user
/// names must be there.
pub(crate) fn known_beforehand(args: &NameArgs) -> anyhow::Result<Option<HostNames>> {
    let Some(path) = hosts_file(args) else { return Ok(None) };
    let mut known = HostNames::default();
    let unread = || format!("{}: the hosts file can't be read", path.display());
    match File::open(path) {
        Ok(file) => known.read_hosts(BufReader::new(file)).with_context(unread)?,
        Err(error) if args.hosts.is_none() && error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(unread),
    }
    Ok(Some(known))
}
