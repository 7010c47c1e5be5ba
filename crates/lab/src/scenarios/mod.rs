//! The stories, by what they are about.

pub(crate) mod connect;
pub(crate) mod datagrams;
pub(crate) mod fast_open;
pub(crate) mod forged;
pub(crate) mod loss;
pub(crate) mod queue;
pub(crate) mod tuples;
