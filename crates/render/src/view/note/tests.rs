use super::*;
use crate::fixture;

/// The note on segment `index` of the attempt that these packets make.
fn noted(packets: &str, index: usize) -> Option<String> {
    note(&fixture::of(packets), index)
}

/// The note on a SYN-ACK with this acknowledgment.
fn acknowledges(syn: &str, ack: &str) -> Option<String> {
    noted(&format!("+0 {syn}\n+9us S > C S. K:K(0) ack {ack} win 9"), 1)
}

#[test]
fn acknowledgments_have_their_arithmetic() {
    let plain = |ack| acknowledges("SYN", ack);
    assert_eq!(plain("J+1").as_deref(), Some("ack = J+1 ok"));
    assert_eq!(plain("J").as_deref(), Some("ack is J, expected J+1"));
    assert_eq!(plain("J-4999").as_deref(), Some("ack is J-4999, expected J+1"));
    let data = |ack| acknowledges("C > S S J:J+5(5) win 9 <FO 0011223344556677>", ack);
    assert_eq!(data("J+6").as_deref(), Some("ack = J+6 ok"));
    assert_eq!(data("J+7").as_deref(), Some("ack is J+7, expected J+1 to J+6"));
}

#[test]
fn sequence_numbers_are_compared_across_the_wrap() {
    const HOSTS: &str = "client 192.0.2.1:1 server 192.0.2.2:2\nisn J=4294967295 K=4294967295\n";
    let packets = "+0 SYN\n+9us SYN_ACK\n+9us S > C R K-9:K-9(0) win 0\n+9us ACK";
    let wrapped = noted(&format!("{HOSTS}{packets}"), 2);
    assert_eq!(wrapped.as_deref(), Some("seq is K-9, expected K+1"));
}

#[test]
fn a_path_mtu_report_has_the_mtu() {
    let packets = "client 192.0.2.1:1 server 192.0.2.2:2\nrouter 192.0.2.254\nisn J=1\n\
                   +0 SYN\n+9us R > C icmp fragmentation_needed 1400 quoting J";
    let expected = "fragmentation needed, reported by 192.0.2.254, MTU 1400";
    assert_eq!(noted(packets, 1).as_deref(), Some(expected));
}

#[test]
fn a_retransmission_names_the_earlier_frame() {
    let packets = "+0 SYN <TS val 1 ecr 0>\n+1 SYN <TS val 9 ecr 0>\n-2 SYN <TS val 8 ecr 0>";
    assert_eq!(noted(packets, 0), None);
    assert_eq!(noted(packets, 1).as_deref(), Some("sent again 1 s after frame 1"));
    // The clock went back between the two.
    assert_eq!(noted(packets, 2).as_deref(), Some("sent again after frame 2"));
    assert_eq!(noted(packets, 99), None);
}

#[test]
fn a_copy_is_reported_with_its_possible_causes() {
    let note = note(&fixture::record("two-vlans"), 1);
    assert_eq!(note.as_deref(), Some("frame 1 captured again, or duplicated on the path"));
}
