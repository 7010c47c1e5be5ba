//! What SYN and SYN-ACK agreed on.

use parser::{Flags, TcpOption};

use crate::negotiated::{Ecn, FastOpen, Mptcp, Negotiated, Offer};
use crate::segment::SegmentRecord;

/// What `syn` and `syn_ack` say together, either of which may not have been captured.
pub(super) fn negotiated(
    syn: Option<&SegmentRecord>,
    syn_ack: Option<&SegmentRecord>,
) -> Negotiated {
    let (client, server) = (Offers::of(syn), Offers::of(syn_ack));
    Negotiated {
        mss: Offer { client: client.mss, server: server.mss },
        window_scale: Offer { client: client.window_scale, server: server.window_scale },
        sack: Offer { client: client.sack, server: server.sack },
        timestamps: Offer { client: client.timestamps, server: server.timestamps },
        ecn: ecn(syn.map(|syn| syn.flags), syn_ack.map(|answer| answer.flags)),
        fast_open: fast_open(&client, &server, syn_ack),
        mptcp: match (client.mptcp, syn_ack, server.mptcp) {
            (None, ..) => Mptcp::None,
            (Some(_), None, _) => Mptcp::Offered,
            (Some(0), Some(_), Some(0)) => Mptcp::Capable,
            (Some(1), Some(_), Some(1)) => Mptcp::Join,
            (Some(_), Some(_), _) => Mptcp::Refused,
        },
    }
}

/// What one SYN or SYN-ACK offers.
#[derive(Debug, Default)]
struct Offers {
    mss: Option<u16>,
    window_scale: Option<u8>,
    sack: Option<()>,
    timestamps: Option<()>,
    mptcp: Option<u8>,
    /// Whether the Fast Open option carries a cookie.
    fast_open: Option<bool>,
}

impl Offers {
    fn of(segment: Option<&SegmentRecord>) -> Self {
        let mut offers = Self::default();
        for option in segment.iter().flat_map(|segment| segment.options.iter()) {
            match option {
                TcpOption::Mss(value) => offers.mss = Some(value),
                TcpOption::WindowScale(value) => offers.window_scale = Some(value),
                TcpOption::SackPermitted => offers.sack = Some(()),
                TcpOption::Timestamps { .. } => offers.timestamps = Some(()),
                TcpOption::Mptcp { subtype, .. } => offers.mptcp = Some(subtype),
                TcpOption::FastOpen { cookie, .. } => offers.fast_open = Some(!cookie.is_empty()),
                _ => {}
            }
        }
        offers
    }
}

/// What the control bits of SYN and SYN-ACK say of it.
pub(super) fn ecn(syn: Option<Flags>, syn_ack: Option<Flags>) -> Ecn {
    let bits = |flags: Flags| flags.intersection(Flags::AE | Flags::CWR | Flags::ECE);
    let asked = syn.map_or(Flags(0), bits);
    if !asked.contains(Flags::ECE | Flags::CWR) {
        return Ecn::None;
    }
    let Some(answer) = syn_ack.map(bits) else { return Ecn::Offered };
    let accurate = asked.contains(Flags::AE);
    match (accurate, answer) {
        // RFC 9768, table 2: ECE alone is the answer of a classic server to either kind of SYN.
        (_, answer) if answer == Flags::ECE => Ecn::Classic,
        (_, Flags(0)) | (false, _) => Ecn::Refused,
        // A SYN-ACK that mirrors all three bits comes from a server that merely reflects them.
        (true, answer) if answer == Flags::AE | Flags::CWR | Flags::ECE => Ecn::Refused,
        (true, _) => Ecn::Accurate,
    }
}

fn fast_open(client: &Offers, server: &Offers, syn_ack: Option<&SegmentRecord>) -> FastOpen {
    match (client.fast_open, syn_ack) {
        (None, _) => FastOpen::None,
        (Some(false), _) if server.fast_open == Some(true) => FastOpen::CookieGranted,
        (Some(false), _) => FastOpen::CookieRequested,
        (Some(true), None) => FastOpen::Offered,
        (Some(true), Some(answer)) => match answer.ack_check {
            Some(check) if check.found.0.wrapping_sub(check.isn.0) > 1 => FastOpen::Accepted,
            _ => FastOpen::Ignored,
        },
    }
}
