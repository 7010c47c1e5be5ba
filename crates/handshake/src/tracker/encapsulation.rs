//! In which tunnels and VLANs an attempt was seen.

use parser::Layer;

use super::attempt::Attempt;

impl Attempt {
    /// Whether segments of the attempt were seen in this scope.
    pub(super) fn is_in(&self, wanted: u64) -> bool {
        let others = self.encapsulations.len().saturating_sub(1);
        let is_other = || self.rare(|rare| Some(rare.other_scopes[..others].contains(&wanted)));
        self.scope == wanted || (others > 0 && is_other() == Some(true))
    }

    /// The place of `layers` among the encapsulations, where they are one of them.
    pub(super) fn known_encapsulation(&self, layers: &[Layer], scope: u64) -> Option<u8> {
        if self.encapsulations.is_empty() {
            return layers.is_empty().then_some(0);
        }
        let scopes = self.rare(|rare| Some(rare.other_scopes)).unwrap_or_default();
        let mut known = self.encapsulations.iter().zip([self.scope].into_iter().chain(scopes));
        // Stacks are long where somebody wants them to be.
        let at = known.position(|(known, of)| of == scope && known == layers)?;
        Some(at as u8)
    }

    /// The place of `layers` among the encapsulations, where it is added if it is new.
    #[inline]
    pub(super) fn encapsulation(&mut self, layers: &[Layer], scope: u64) -> u8 {
        if layers.is_empty() && self.encapsulations.is_empty() {
            return 0;
        }
        self.encapsulation_among_others(layers, scope)
    }

    #[inline(never)]
    fn encapsulation_among_others(&mut self, layers: &[Layer], scope: u64) -> u8 {
        if self.encapsulations.is_empty() {
            self.encapsulations.push(Vec::new());
        }
        self.known_encapsulation(layers, scope).unwrap_or_else(|| {
            let others = self.encapsulations.len() - 1;
            if let Some(place) = self.rare_mut().other_scopes.get_mut(others) {
                *place = scope;
                self.encapsulations.push(layers.to_vec());
            }
            (self.encapsulations.len() - 1) as u8
        })
    }
}
