//! Hop limits of answers, which tell whether one machine sent them.

/// A host may be so many routers away from its own containers.
const ROUTERS: u8 = 2;

/// The least and the greatest of some hop limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ttls(Option<(u8, u8)>);

impl Ttls {
    pub(crate) fn add(&mut self, ttl: u8) {
        self.merge(Self(Some((ttl, ttl))));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        let both = self.0.into_iter().chain(other.0);
        self.0 = both.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    }

    /// The two, where all of these are equal and all of the others are equal to something else. One router or
    /// two between a host and what runs on it make no difference.
    pub(crate) fn apart_from(self, other: Self) -> Option<(u8, u8)> {
        let only = |ttls: Self| ttls.0.filter(|(least, greatest)| least == greatest);
        let ((one, _), (another, _)) = (only(self)?, only(other)?);
        (one.abs_diff(another) > ROUTERS).then_some((one, another))
    }
}
