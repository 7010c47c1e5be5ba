//! Whole frames, built by hand, and what they decode to.

mod fragments;
mod frames;
mod icmp;
mod ip;
mod link;
mod other;
mod packet;
mod robust;
mod tcp;
mod tunnel;
mod udp_tunnel;
mod wifi;

use std::net::{Ipv4Addr, Ipv6Addr};

use frames::{C4, C6, CLIENT_PORT, S4, S6, SERVER_PORT, SYN_OPTIONS};

use crate::{Content, Datagram, Decoder, Endpoint, Flags, Fragment, Frame, Layer, LinkType, Other};
use crate::{Packet, Reason, Segment, SeqNumber, Stopped};

/// Asserts what a frame, captured whole, decodes to.
#[track_caller]
fn check(link: LinkType, frame: &[u8], layers: &[Layer], content: Content<'_>) {
    check_cut(link, frame.len(), frame, layers, content);
}

/// Asserts what a frame, `wire_len` long on the wire, decodes to.
#[track_caller]
fn check_cut(
    link: LinkType,
    wire_len: usize,
    frame: &[u8],
    layers: &[Layer],
    content: Content<'_>,
) {
    let mut decoder = Decoder::new();
    let frame = Frame::of_bytes(link, u32::try_from(wire_len).unwrap(), frame);
    assert_eq!(decoder.decode(&frame), Packet { layers, content });
}

/// What [`frames::syn`] is in an IPv4 packet of [`frames::ipv4`].
fn syn_v4(bytes: &[u8]) -> Segment<'_> {
    Segment {
        source: Endpoint::new(Ipv4Addr::from(C4), CLIENT_PORT),
        destination: Endpoint::new(Ipv4Addr::from(S4), SERVER_PORT),
        seq: SeqNumber(u32::MAX),
        ack_field: SeqNumber(0),
        flags: Flags::SYN,
        window: 64240,
        len: 0,
        ttl: 63,
        ip_id: Some(0x1234),
        fragment: Fragment::Whole,
        header_len: 20 + SYN_OPTIONS.len() as u8,
        bytes,
    }
}

/// What [`frames::syn`] is in an IPv6 packet of [`frames::ipv6`].
fn syn_v6(bytes: &[u8]) -> Segment<'_> {
    Segment {
        source: Endpoint::new(Ipv6Addr::from(C6), CLIENT_PORT),
        destination: Endpoint::new(Ipv6Addr::from(S6), SERVER_PORT),
        ip_id: None,
        ..syn_v4(bytes)
    }
}

/// Asserts that `header`, before an IP packet of either version, gives the SYN in it.
#[track_caller]
fn carries_ip(link: u32, header: &[u8], layers: &[Layer]) {
    let syn = frames::syn();
    let v4 = frames::cat(&[header, &frames::ipv4(6, &syn)]);
    check(LinkType(link), &v4, layers, Content::Tcp(syn_v4(&syn)));
    let v6 = frames::cat(&[header, &frames::ipv6(6, &syn)]);
    check(LinkType(link), &v6, layers, Content::Tcp(syn_v6(&syn)));
}

/// Asserts that `header`, before an IPv4 packet, gives the SYN in it.
#[track_caller]
fn carries_ipv4(link: u32, header: &[u8], layers: &[Layer]) {
    let syn = frames::syn();
    let frame = frames::cat(&[header, &frames::ipv4(6, &syn)]);
    check(LinkType(link), &frame, layers, Content::Tcp(syn_v4(&syn)));
}

/// The outer header of [`frames::ipv4`] as a layer.
fn outer_v4() -> Layer {
    Layer::OuterIp { source: Ipv4Addr::from(C4).into(), destination: Ipv4Addr::from(S4).into() }
}

/// The outer header of [`frames::ipv6`] as a layer.
fn outer_v6() -> Layer {
    Layer::OuterIp { source: Ipv6Addr::from(C6).into(), destination: Ipv6Addr::from(S6).into() }
}

/// Decoding stopped in `layer` at `offset`.
fn stopped(layer: &'static str, offset: u32, reason: Reason) -> Content<'static> {
    Content::Stopped(Stopped { layer, reason, offset })
}

/// Decoding stopped for want of bytes.
fn truncated(layer: &'static str, offset: u32, needed: u32, got: u32) -> Content<'static> {
    stopped(layer, offset, Reason::Truncated { needed, got })
}

/// What is met where an `EtherType` announces something that is not followed.
const fn ether_type(number: u16) -> Content<'static> {
    Content::Other(Other::EtherType(number))
}

/// What is met that has no number.
const fn named(name: &'static str) -> Content<'static> {
    Content::Other(Other::Named(name))
}
