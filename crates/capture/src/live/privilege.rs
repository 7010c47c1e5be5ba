//! What is known of the privileges of this process.

use std::fmt;
use std::path::PathBuf;

/// Why a packet socket was refused, as far as this process can find out. A value, so that tests
/// can make one up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotPermitted {
    /// The running binary, behind all symbolic links.
    pub binary: Option<PathBuf>,
    /// Whether the effective user is root: then a container or a sandbox refuses, not the user id.
    pub root: bool,
    /// What keeps `setcap cap_net_raw+p` on the binary from working.
    pub obstacles: Vec<Obstacle>,
}

/// What keeps the capabilities of a file from taking effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// The file system of the binary is mounted with `nosuid`.
    NosuidMount,
    /// The process runs under `no_new_privs` (systemd's `NoNewPrivileges`, containers, sandboxes).
    NoNewPrivileges,
    /// The bounding set lacks `CAP_NET_RAW`: such a binary could not even be executed.
    BoundingSet,
    /// The process is in a user namespace of its own (a rootless container): capabilities there
    /// have no power over the network of the host.
    UserNamespace,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NosuidMount => "the binary is on a file system mounted with nosuid",
            Self::NoNewPrivileges => "the process runs under no_new_privs",
            Self::BoundingSet => "the capability bounding set lacks CAP_NET_RAW",
            Self::UserNamespace => "the process is in its own user namespace",
        })
    }
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CAP_NET_RAW is missing")?;
        for obstacle in &self.obstacles {
            write!(f, "; {obstacle}")?;
        }
        Ok(())
    }
}

/// The privileges of a thread, as the kernel shows them; `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivilegeReport {
    /// `CapInh`.
    pub inheritable: Option<u64>,
    /// `CapPrm`.
    pub permitted: Option<u64>,
    /// `CapEff`.
    pub effective: Option<u64>,
    /// `CapBnd`.
    pub bounding: Option<u64>,
    /// `CapAmb`.
    pub ambient: Option<u64>,
    /// `NoNewPrivs`.
    pub no_new_privileges: Option<bool>,
}

impl fmt::Display for PrivilegeReport {
    /// In the kernel's words: `CapEff 0000000000000000, NoNewPrivs 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sets = [
            ("CapInh", self.inheritable),
            ("CapPrm", self.permitted),
            ("CapEff", self.effective),
            ("CapBnd", self.bounding),
            ("CapAmb", self.ambient),
        ];
        for (name, set) in sets {
            match set {
                Some(set) => write!(f, "{name} {set:016x}, ")?,
                None => write!(f, "{name} unknown, ")?,
            }
        }
        match self.no_new_privileges {
            Some(on) => write!(f, "NoNewPrivs {}", u8::from(on)),
            None => f.write_str("NoNewPrivs unknown"),
        }
    }
}
