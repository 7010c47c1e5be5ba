//! Records that take the place of older ones.

use super::{Limits, OPEN, V4, V6, records, run};
use crate::record::Handshake;

/// Records that differ in all that they can hold.
fn various() -> Vec<Handshake> {
    let quoting =
        format!("{V4}+0 C > S S J:J(0) vlan 7\n+1ms R > C icmp unreachable host quoting J");
    let mut all = super::whole::follow(&format!("{V6}{}", super::whole::TALK), Limits::default());
    all.extend(run(&quoting).records);
    all.extend(records("+0 C > S S J:J(0)\n+1ms S > C R. 0:0(0) ack J+1"));
    all.extend(records(OPEN));
    all
}

#[test]
fn a_record_takes_the_place_of_another_one_as_a_whole() {
    let all = various();
    assert!(all.iter().any(|it| it.close.is_some()));
    assert!(all.iter().any(|it| !it.encapsulations.is_empty()));
    for older in &all {
        for newer in &all {
            let mut place = older.clone();
            let before = (place.segments.as_ptr(), place.segments.capacity());
            place.clone_from(newer);
            assert_eq!(&place, newer);
            let fits = newer.segments.len() <= before.1;
            assert_eq!(fits, (place.segments.as_ptr(), place.segments.capacity()) == before);
        }
    }
}
