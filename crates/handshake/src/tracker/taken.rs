//! What an attempt knows of the others around it.

/// What an attempt took from its neighbours at its own segments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// The most that waited at its server, once it does not wait itself.
    pub(super) pending: Option<u32>,
    pub(super) targets: u32,
    /// What its client had tried before these.
    pub(super) targets_before: u32,
    pub(super) server_ttl: Option<u8>,
}
