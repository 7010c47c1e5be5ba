//! The layers that the filter walks on its way to the TCP header, one function for each.

use super::asm::{self, Assembler, Label, Test};
use super::{EXTENSIONS, Layout, Program, QUOTED_EXTENSIONS, Selection};

// Offsets that the kernel answers instead of the frame (linux/filter.h).
const SKF_AD_OFF: u32 = (-0x1000_i32).cast_unsigned();
const SKF_NET_OFF: u32 = (-0x10_0000_i32).cast_unsigned();
const PACKET_TYPE: u32 = SKF_AD_OFF + 4;
const HARDWARE_TYPE: u32 = SKF_AD_OFF + 28;
/// `PACKET_OUTGOING`.
const OUTGOING: u32 = 4;
const ARPHRD_ETHER: u32 = 1;
const ARPHRD_LOOPBACK: u32 = 772;

const ETHERTYPE_IPV4: u32 = 0x0800;
const ETHERTYPE_IPV6: u32 = 0x86dd;
/// IEEE 802.1Q, 802.1ad and the number that came before it.
const ETHERTYPES_VLAN: [u32; 3] = [0x8100, 0x88a8, 0x9100];
/// MPLS (two) and a `PPPoE` session.
const ETHERTYPES_TUNNEL: [u32; 3] = [0x8847, 0x8848, 0x8864];

const TCP: u32 = 6;
const ICMP: u32 = 1;
const ICMPV6: u32 = 58;
const FRAGMENT: u32 = 44;
const AUTHENTICATION: u32 = 51;
/// Hop-by-hop, routing, destination options, mobility: all with their length in units of 8 bytes.
const EXTENSION_HEADERS: [u32; 4] = [0, 43, 60, 135];

/// Error messages about a packet: unreachable, source quench, redirect, time exceeded, parameter.
const ICMP_ERRORS: [u32; 5] = [3, 4, 5, 11, 12];
/// Unreachable, too big, time exceeded, parameter (RFC 4443: errors are below 128).
const ICMPV6_ERRORS: [u32; 4] = [1, 2, 3, 4];

// Memory words.
pub(super) const NETWORK: u32 = 0;
pub(super) const TRANSPORT: u32 = 1;
const NEXT_HEADER: u32 = 2;
const LENGTH: u32 = 3;

/// Where a header starts: at a fixed offset, or at an offset from the one in a memory word.
#[derive(Clone, Copy, Debug)]
struct Base {
    word: Option<u32>,
    offset: u32,
}

/// The header that starts where `NETWORK` says.
const AT_NETWORK: Base = Base { word: Some(NETWORK), offset: 0 };

#[derive(Clone, Copy, Debug)]
enum Size {
    Byte,
    Half,
}

/// Writes the program, layer by layer.
///
/// The way to the TCP header is written once for each place where an IP header may start; what
/// follows is shared, as classic BPF has jumps and no calls. At `quoted_*` and `match_*` the word
/// `NETWORK` says where the IP header starts, at `match_*` the word `TRANSPORT` where TCP does.
#[derive(Debug)]
pub(super) struct Generator<'a> {
    pub(super) asm: Assembler,
    pub(super) selection: &'a Selection,
    quoted_v4: Label,
    quoted_v6: Label,
    pub(super) match_v4: Label,
    pub(super) match_v6: Label,
}

impl<'a> Generator<'a> {
    pub(super) fn new(selection: &'a Selection) -> Self {
        let mut asm = Assembler::default();
        let [quoted_v4, quoted_v6, match_v4, match_v6] = [(); 4].map(|()| asm.label());
        Self { asm, selection, quoted_v4, quoted_v6, match_v4, match_v6 }
    }

    /// The whole program.
    pub(super) fn generate(mut self, layout: Layout) -> Program {
        self.frame(layout);
        self.quoted_v4();
        self.quoted_v6();
        self.matches();
        self.asm.finish()
    }
}

impl Generator<'_> {
    fn frame(&mut self, layout: Layout) {
        match layout {
            Layout::Ethernet => self.ethernet(),
            Layout::Loopback => {
                self.reject_outgoing();
                self.ethernet();
            }
            Layout::Network => self.network(),
            Layout::Any | Layout::AnyEthernet => {
                let (ethernet, loopback) = (self.asm.label(), self.asm.label());
                self.asm.emit(asm::LD_W_ABS, HARDWARE_TYPE);
                self.asm.goto_if(Test::Equals(ARPHRD_LOOPBACK), loopback);
                self.asm.goto_if(Test::Equals(ARPHRD_ETHER), ethernet);
                if layout == Layout::Any {
                    self.network();
                } else {
                    self.asm.reject();
                }
                self.asm.place(loopback);
                self.reject_outgoing();
                self.asm.place(ethernet);
                self.ethernet();
            }
        }
    }

    fn reject_outgoing(&mut self) {
        self.asm.emit(asm::LD_W_ABS, PACKET_TYPE);
        self.asm.reject_if(Test::Equals(OUTGOING));
    }

    /// Nearly every frame is untagged: that path has fixed offsets, which the kernel reads fastest.
    fn ethernet(&mut self) {
        let (tag, second_tag, tagged) = (self.asm.label(), self.asm.label(), self.asm.label());
        self.asm.emit(asm::LD_H_ABS, 12);
        self.goto_if_any(&ETHERTYPES_VLAN, tag);
        self.ethertype(Base { word: None, offset: 14 });
        self.asm.place(tag);
        self.asm.emit(asm::LD_H_ABS, 16);
        self.goto_if_any(&ETHERTYPES_VLAN, second_tag);
        self.asm.emit(asm::LDX_IMM, 18);
        self.asm.goto(tagged);
        self.asm.place(second_tag);
        self.asm.emit(asm::LD_H_ABS, 20);
        self.asm.emit(asm::LDX_IMM, 22);
        self.asm.place(tagged);
        self.asm.emit(asm::STX, NETWORK);
        self.ethertype(AT_NETWORK);
    }

    /// A holds the `EtherType` of what starts at `base`.
    fn ethertype(&mut self, base: Base) {
        let (v4, v6) = (self.asm.label(), self.asm.label());
        self.asm.goto_if(Test::Equals(ETHERTYPE_IPV4), v4);
        self.asm.goto_if(Test::Equals(ETHERTYPE_IPV6), v6);
        if self.selection.tunnels {
            let tunnel = self.asm.label();
            self.goto_if_any(&ETHERTYPES_TUNNEL, tunnel);
            self.asm.reject();
            self.asm.place(tunnel);
            self.accept();
        }
        self.asm.reject();
        self.ip(base, v4, v6);
    }

    /// What starts at the kernel's network offset is IP if its version says so.
    fn network(&mut self) {
        let (v4, v6) = (self.asm.label(), self.asm.label());
        self.asm.emit(asm::LDX_IMM, SKF_NET_OFF);
        self.asm.emit(asm::STX, NETWORK);
        self.load(Size::Byte, AT_NETWORK, 0);
        self.asm.emit(asm::AND_K, 0xf0);
        self.asm.goto_if(Test::Equals(0x40), v4);
        self.asm.goto_if(Test::Equals(0x60), v6);
        self.asm.reject();
        self.ip(AT_NETWORK, v4, v6);
    }

    fn ip(&mut self, base: Base, v4: Label, v6: Label) {
        self.asm.place(v4);
        self.ipv4(base);
        self.asm.place(v6);
        self.ipv6(base);
    }

    fn ipv4(&mut self, base: Base) {
        let [tcp, icmp, authentication] = [(); 3].map(|()| self.asm.label());
        self.load(Size::Half, base, 6);
        self.asm.reject_if(Test::HasAnyOf(0x1fff));
        self.load(Size::Byte, base, 9);
        self.asm.goto_if(Test::Equals(TCP), tcp);
        self.asm.goto_if(Test::Equals(ICMP), icmp);
        self.asm.goto_if(Test::Equals(AUTHENTICATION), authentication);
        let udp = self.tunnels();
        self.asm.reject();
        if let Some(udp) = udp {
            self.asm.place(udp);
            self.transport_v4(base);
            self.udp();
        }
        self.asm.place(authentication);
        self.transport_v4(base);
        self.asm.emit(asm::LD_B_IND, 0);
        self.asm.require(Test::Equals(TCP));
        self.authentication_length();
        self.asm.emit(asm::ADD_X, 0);
        self.asm.emit(asm::ST, TRANSPORT);
        self.remember(base);
        self.asm.goto(self.match_v4);
        self.asm.place(tcp);
        if self.selection.takes_all() {
            self.accept();
        } else {
            self.transport_v4(base);
            self.remember(base);
            self.asm.goto(self.match_v4);
        }
        self.asm.place(icmp);
        self.transport_v4(base);
        self.icmp(&ICMP_ERRORS);
        self.asm.goto(self.quoted_v4);
    }

    fn quoted_v4(&mut self) {
        self.asm.place(self.quoted_v4);
        self.version(0x40);
        self.load(Size::Byte, AT_NETWORK, 9);
        self.asm.require(Test::Equals(TCP));
        self.load(Size::Half, AT_NETWORK, 6);
        self.asm.reject_if(Test::HasAnyOf(0x1fff));
        self.transport_v4(AT_NETWORK);
        self.asm.goto(self.match_v4);
    }

    fn ipv6(&mut self, base: Base) {
        let (tcp, icmp) = (self.asm.label(), self.asm.label());
        self.after_fixed_header(base);
        self.extensions(EXTENSIONS, tcp, Some(icmp));
        self.asm.place(tcp);
        self.asm.emit(asm::STX, TRANSPORT);
        self.remember(base);
        self.asm.goto(self.match_v6);
        self.asm.place(icmp);
        self.icmp(&ICMPV6_ERRORS);
        self.asm.goto(self.quoted_v6);
    }

    fn quoted_v6(&mut self) {
        let tcp = self.asm.label();
        self.asm.place(self.quoted_v6);
        self.version(0x60);
        self.after_fixed_header(AT_NETWORK);
        self.extensions(QUOTED_EXTENSIONS, tcp, None);
        self.asm.place(tcp);
        self.asm.emit(asm::STX, TRANSPORT);
        self.asm.goto(self.match_v6);
    }

    /// NETWORK = where the header at `base` starts.
    fn remember(&mut self, base: Base) {
        if base.word.is_none() {
            self.asm.emit(asm::LDX_IMM, base.offset);
            self.asm.emit(asm::STX, NETWORK);
        }
    }

    /// Goes on where the quoted packet is of this version (in the upper half of the byte).
    fn version(&mut self, version: u32) {
        self.load(Size::Byte, AT_NETWORK, 0);
        self.asm.emit(asm::AND_K, 0xf0);
        self.asm.require(Test::Equals(version));
    }

    /// A = next header, X = offset of what follows the fixed header of IPv6.
    fn after_fixed_header(&mut self, base: Base) {
        if let Some(word) = base.word {
            self.asm.emit(asm::LD_MEM, word);
            self.asm.emit(asm::ADD_K, base.offset + 40);
            self.load_next_header(base);
        } else {
            self.load(Size::Byte, base, 6);
            self.asm.emit(asm::LDX_IMM, base.offset + 40);
        }
    }

    fn load_next_header(&mut self, base: Base) {
        self.asm.emit(asm::ST, LENGTH);
        self.load(Size::Byte, base, 6);
        self.asm.emit(asm::LDX_MEM, LENGTH);
    }

    /// Skips up to `most` extension headers: A is the number of the header at X. Nothing falls
    /// through. At `tcp` and `icmp` X is where that header starts.
    fn extensions(&mut self, most: u32, tcp: Label, icmp: Option<Label>) {
        for left in (0..=most).rev() {
            self.asm.goto_if(Test::Equals(TCP), tcp);
            let mut udp = None;
            if let Some(icmp) = icmp {
                self.asm.goto_if(Test::Equals(ICMPV6), icmp);
                udp = self.tunnels();
            }
            if left > 0 {
                self.extension();
            } else {
                self.asm.reject();
            }
            if let Some(udp) = udp {
                let onward = self.asm.label();
                self.asm.goto(onward);
                self.asm.place(udp);
                self.udp();
                self.asm.place(onward);
            }
        }
    }

    /// Steps over the extension header of number A at X.
    fn extension(&mut self) {
        let [plain, authentication, fragment, step] = [(); 4].map(|()| self.asm.label());
        self.goto_if_any(&EXTENSION_HEADERS, plain);
        self.asm.goto_if(Test::Equals(FRAGMENT), fragment);
        self.asm.goto_if(Test::Equals(AUTHENTICATION), authentication);
        self.asm.reject();
        self.asm.place(plain);
        self.asm.emit(asm::LD_B_IND, 1);
        self.asm.emit(asm::ADD_K, 1);
        self.asm.emit(asm::LSH_K, 3);
        self.asm.goto(step);
        self.asm.place(authentication);
        self.authentication_length();
        self.asm.goto(step);
        self.asm.place(fragment);
        self.asm.emit(asm::LD_H_IND, 2);
        self.asm.reject_if(Test::HasAnyOf(0xfff8));
        self.asm.emit(asm::LD_IMM, 8);
        self.asm.place(step);
        self.asm.emit(asm::ST, LENGTH);
        self.asm.emit(asm::LD_B_IND, 0);
        self.asm.emit(asm::ST, NEXT_HEADER);
        self.asm.emit(asm::LD_MEM, LENGTH);
        self.asm.emit(asm::ADD_X, 0);
        self.asm.emit(asm::TAX, 0);
        self.asm.emit(asm::LD_MEM, NEXT_HEADER);
    }

    /// A = length of the authentication header at X: in units of 4 bytes, minus 2 (RFC 4302, 2.2).
    fn authentication_length(&mut self) {
        self.asm.emit(asm::LD_B_IND, 1);
        self.asm.emit(asm::ADD_K, 2);
        self.asm.emit(asm::LSH_K, 2);
    }

    /// X = TRANSPORT = where the IPv4 header at `base` ends.
    fn transport_v4(&mut self, base: Base) {
        self.load(Size::Byte, base, 0);
        self.asm.emit(asm::AND_K, 0x0f);
        self.asm.emit(asm::LSH_K, 2);
        if base.word.is_some() {
            self.asm.emit(asm::ADD_X, 0);
        }
        self.asm.emit(asm::ADD_K, base.offset);
        self.asm.emit(asm::ST, TRANSPORT);
        self.asm.emit(asm::TAX, 0);
    }

    /// Goes on where the ICMP message at X is one of `errors`: NETWORK = where its quotation starts.
    fn icmp(&mut self, errors: &[u32]) {
        let error = self.asm.label();
        self.asm.emit(asm::LD_B_IND, 0);
        self.goto_if_any(errors, error);
        self.asm.reject();
        self.asm.place(error);
        self.asm.emit(asm::LD_IMM, 8);
        self.asm.emit(asm::ADD_X, 0);
        self.asm.emit(asm::ST, NETWORK);
    }

    pub(super) fn accept(&mut self) {
        self.asm.emit(asm::RET_K, self.selection.snaplen);
    }

    pub(super) fn goto_if_any(&mut self, values: &[u32], label: Label) {
        for &value in values {
            self.asm.goto_if(Test::Equals(value), label);
        }
    }

    /// A = what lies `offset` bytes into the header at `base`. X is changed unless `base` is fixed.
    fn load(&mut self, size: Size, base: Base, offset: u32) {
        let offset = base.offset + offset;
        let code = match (size, base.word) {
            (Size::Byte, None) => asm::LD_B_ABS,
            (Size::Half, None) => asm::LD_H_ABS,
            (Size::Byte, Some(_)) => asm::LD_B_IND,
            (Size::Half, Some(_)) => asm::LD_H_IND,
        };
        if let Some(word) = base.word {
            self.asm.emit(asm::LDX_MEM, word);
        }
        self.asm.emit(code, offset);
    }
}
