//! In which tunnels and VLANs an attempt was seen.

use parser::Layer;

use super::attempt::Attempt;
use super::flow::scope;

/// Encapsulations of one attempt that are distinguished.
const ENCAPSULATIONS: usize = 8;

impl Attempt {
    /// Whether segments of the attempt were seen in this scope.
    pub(super) fn is_in(&self, wanted: u64) -> bool {
        let mut others = self.encapsulations.iter().skip(1);
        self.scope == wanted || others.any(|layers| scope(layers) == wanted)
    }

    /// The place of `layers` among the encapsulations, where they are one of them.
    pub(super) fn known_encapsulation(&self, layers: &[Layer]) -> Option<u8> {
        if self.encapsulations.is_empty() {
            return layers.is_empty().then_some(0);
        }
        let at = self.encapsulations.iter().position(|known| known == layers)?;
        Some(at as u8)
    }

    /// The place of `layers` among the encapsulations, where it is added if it is new.
    #[inline]
    pub(super) fn encapsulation(&mut self, layers: &[Layer]) -> u8 {
        if layers.is_empty() && self.encapsulations.is_empty() {
            return 0;
        }
        self.encapsulation_among_others(layers)
    }

    #[inline(never)]
    fn encapsulation_among_others(&mut self, layers: &[Layer]) -> u8 {
        if self.encapsulations.is_empty() {
            self.encapsulations.push(Vec::new());
        }
        self.known_encapsulation(layers).unwrap_or_else(|| {
            if self.encapsulations.len() < ENCAPSULATIONS {
                self.encapsulations.push(layers.to_vec());
            }
            (self.encapsulations.len() - 1) as u8
        })
    }
}
