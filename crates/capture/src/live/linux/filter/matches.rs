//! What a segment has to match once its header is found, and what passes as a tunnel.

use super::asm::{self, Label, Test};
use super::layers::{Generator, NETWORK, TRANSPORT};

const UDP: u32 = 17;
/// IPv4 in IP, IPv6 in IP, GRE.
const PROTOCOLS_TUNNEL: [u32; 3] = [4, 41, 47];
/// VXLAN (two), Geneve, GTP-U, Teredo.
const PORTS_TUNNEL: [u32; 5] = [4789, 8472, 6081, 2152, 3544];
/// FIN, SYN and RST.
const CONTROL_FLAGS: u32 = 0x07;

impl Generator<'_> {
    /// The addresses at `NETWORK`, then the segment at `TRANSPORT`.
    pub(super) fn matches(&mut self) {
        let segment = self.asm.label();
        self.asm.place(self.match_v4);
        self.hosts_v4(segment);
        self.asm.place(self.match_v6);
        self.hosts_v6(segment);
        self.asm.place(segment);
        self.segment();
    }

    /// The TCP segment at `TRANSPORT`, in a packet whose addresses fit.
    fn segment(&mut self) {
        self.asm.emit(asm::LDX_MEM, TRANSPORT);
        self.ports();
        if let Some(longest) = self.selection.longest {
            let long = self.asm.label();
            self.asm.emit(asm::LD_LEN, 0);
            self.asm.goto_if(Test::Exceeds(longest), long);
            self.accept();
            self.asm.place(long);
            self.asm.emit(asm::LD_B_IND, 13);
            self.asm.require(Test::HasAnyOf(CONTROL_FLAGS));
        }
        self.accept();
    }

    /// Goes on where one of the ports at X is asked for.
    fn ports(&mut self) {
        if self.selection.ports.is_empty() {
            return;
        }
        let found = self.asm.label();
        for offset in [0, 2] {
            self.asm.emit(asm::LD_H_IND, offset);
            for ports in &self.selection.ports {
                let (first, last) = (u32::from(ports.first()), u32::from(ports.last()));
                if first == last {
                    self.asm.goto_if(Test::Equals(first), found);
                    continue;
                }
                let other = self.asm.label();
                if let Some(before) = first.checked_sub(1) {
                    self.asm.goto_unless(Test::Exceeds(before), other);
                }
                self.asm.goto_unless(Test::Exceeds(last), found);
                self.asm.place(other);
            }
        }
        self.asm.reject();
        self.asm.place(found);
    }

    /// Goes to `found` where one of the addresses of the IPv4 header at NETWORK is asked for.
    fn hosts_v4(&mut self, found: Label) {
        if !self.selection.by_host {
            return self.asm.goto(found);
        }
        self.asm.emit(asm::LDX_MEM, NETWORK);
        for &(addr, mask) in &self.selection.hosts_v4 {
            for offset in [12, 16] {
                self.asm.emit(asm::LD_W_IND, offset);
                self.mask(mask);
                self.asm.goto_if(Test::Equals(addr), found);
            }
        }
        self.asm.reject();
    }

    /// The same for IPv6, 32 bits at a time.
    fn hosts_v6(&mut self, found: Label) {
        if !self.selection.by_host {
            return self.asm.goto(found);
        }
        self.asm.emit(asm::LDX_MEM, NETWORK);
        for &(addr, mask) in &self.selection.hosts_v6 {
            for offset in [8, 24] {
                let other = self.asm.label();
                for word in 0..4 {
                    let part = |whole: u128| (whole >> (96 - 32 * word)) as u32;
                    if part(mask) == 0 {
                        break;
                    }
                    self.asm.emit(asm::LD_W_IND, offset + 4 * word);
                    self.mask(part(mask));
                    self.asm.goto_unless(Test::Equals(part(addr)), other);
                }
                self.asm.goto(found);
                self.asm.place(other);
            }
        }
        self.asm.reject();
    }

    fn mask(&mut self, mask: u32) {
        if mask != u32::MAX {
            self.asm.emit(asm::AND_K, mask);
        }
    }

    /// Where tunnels are asked for: accepts them by the protocol in A, and returns where UDP goes.
    pub(super) fn tunnels(&mut self) -> Option<Label> {
        if !self.selection.tunnels {
            return None;
        }
        let (tunnel, udp, onward) = (self.asm.label(), self.asm.label(), self.asm.label());
        self.goto_if_any(&PROTOCOLS_TUNNEL, tunnel);
        self.asm.goto_if(Test::Equals(UDP), udp);
        self.asm.goto(onward);
        self.asm.place(tunnel);
        self.accept();
        self.asm.place(onward);
        Some(udp)
    }

    /// The UDP datagram at X: a tunnel where a port says so. Nothing falls through.
    pub(super) fn udp(&mut self) {
        let found = self.asm.label();
        for offset in [0, 2] {
            self.asm.emit(asm::LD_H_IND, offset);
            self.goto_if_any(&PORTS_TUNNEL, found);
        }
        self.asm.reject();
        self.asm.place(found);
        self.accept();
    }
}
