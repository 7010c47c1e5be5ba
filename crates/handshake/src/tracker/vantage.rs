//! Where segments of plain attempts were captured, and what lay around their IP headers: a number for each.

use parser::{Layer, Origin};

use super::flow::scope;

/// Layers that are kept in all, so that deep stacks take no memory worth counting.
const LAYERS: usize = 4_096;

/// Where a segment was captured: by which interface, and within which layers.
#[derive(Debug)]
pub(super) struct Vantage {
    pub(super) origin: Origin,
    pub(super) layers: Box<[Layer]>,
    /// What tells these layers from others.
    pub(super) scope: u64,
}

impl Vantage {
    #[inline]
    fn is(&self, origin: Origin, layers: &[Layer]) -> bool {
        self.origin == origin && *self.layers == *layers
    }
}

/// Those that were met first, up to 256: a number has a byte.
#[derive(Debug)]
pub(super) struct Vantages {
    all: Vec<Vantage>,
    /// Their numbers, in the order of scopes and origins: hostile traffic may ask for another one with
    /// each frame.
    sorted: Vec<(u64, Origin, u8)>,
    layers: usize,
    /// Most segments come from where the one before came from.
    latest: u8,
}

impl Vantages {
    pub(super) const fn new() -> Self {
        Self { all: Vec::new(), sorted: Vec::new(), layers: 0, latest: 0 }
    }

    pub(super) fn get(&self, number: u8) -> Option<&Vantage> {
        self.all.get(usize::from(number))
    }

    /// The number of a vantage; `None` where there are too many.
    #[inline]
    pub(super) fn number(&mut self, origin: Origin, layers: &[Layer]) -> Option<u8> {
        if !self.get(self.latest).is_some_and(|known| known.is(origin, layers)) {
            self.latest = self.look_for(origin, layers)?;
        }
        Some(self.latest)
    }

    #[inline(never)]
    fn look_for(&mut self, origin: Origin, layers: &[Layer]) -> Option<u8> {
        let scope = scope(layers);
        let first = self.sorted.partition_point(|it| (it.0, it.1) < (scope, origin));
        let alike = self.sorted[first..].iter().take_while(|it| (it.0, it.1) == (scope, origin));
        let found = alike.map(|it| it.2).find(|&at| *self.all[usize::from(at)].layers == *layers);
        found.or_else(|| self.add(origin, layers, (scope, first)))
    }

    fn add(&mut self, origin: Origin, layers: &[Layer], (scope, at): (u64, usize)) -> Option<u8> {
        let number = u8::try_from(self.all.len()).ok()?;
        (self.layers + layers.len() <= LAYERS).then(|| {
            self.layers += layers.len();
            self.all.push(Vantage { origin, layers: layers.into(), scope });
            self.sorted.insert(at, (scope, origin, number));
            number
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(count: usize) -> Vec<Layer> {
        (0..count).map(|id| Layer::Vlan(id as u16)).collect()
    }

    #[test]
    fn each_origin_and_each_stack_of_layers_has_its_number() {
        let mut vantages = Vantages::new();
        let place = |source| Origin { source, interface: None };
        for _ in 0..2 {
            for (number, (source, depth)) in
                [(0, 0), (0, 1), (1, 1), (1, 2)].into_iter().enumerate()
            {
                let layers = layers(depth);
                let found = vantages.number(place(source), &layers).unwrap();
                assert_eq!(usize::from(found), number);
                let vantage = vantages.get(found).unwrap();
                assert_eq!((vantage.origin, &*vantage.layers), (place(source), &*layers));
                assert_eq!(vantage.scope, scope(&layers));
            }
        }
    }

    #[test]
    fn they_are_bounded_in_number_and_in_depth() {
        let mut vantages = Vantages::new();
        let place = |source| Origin { source, interface: None };
        for source in 0..300 {
            let expected = u8::try_from(source).ok();
            assert_eq!(vantages.number(place(source), &[]), expected);
        }
        assert_eq!(vantages.number(place(255), &[]), Some(255));
        let mut vantages = Vantages::new();
        for source in 0..60 {
            let expected = (source < 51).then_some(source as u8);
            assert_eq!(vantages.number(place(source), &layers(80)), expected);
        }
    }
}
