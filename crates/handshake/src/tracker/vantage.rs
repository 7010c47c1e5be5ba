//! Where segments of plain attempts were captured, and what lay around their IP headers: a number for each.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use parser::{Layer, Origin};

use super::flow::scope;
use super::index::Index;

/// So many take no memory worth asking for, with so many layers in all.
const FEW: usize = 256;
const FEW_LAYERS: usize = 4_096;
/// What an allocation takes beside what is in it.
const ALLOCATION: usize = 16;

/// The number of a [`Vantage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// All segments of a plain attempt have this half in common, which is kept once for all of them.
    pub(super) high: u8,
    pub(super) low: u8,
}

impl Number {
    const fn of(place: u16) -> Self {
        let [high, low] = place.to_be_bytes();
        Self { high, low }
    }

    fn place(self) -> usize {
        usize::from(u16::from_be_bytes([self.high, self.low]))
    }
}

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

/// Those that were met first. Hostile traffic may ask for another one with each frame.
#[derive(Debug)]
pub(super) struct Vantages {
    all: Vec<Vantage>,
    /// Their places by a hash of all that tells them apart.
    index: Index,
    hasher: RandomState,
    layers: usize,
    /// Most segments come from where the one before came from.
    latest: Number,
    bytes: usize,
}

impl Vantages {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            index: Index::new(),
            hasher: RandomState::default(),
            layers: 0,
            latest: Number::of(0),
            bytes: 0,
        }
    }

    /// The bytes that they take; those of a few are not counted.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    #[inline]
    pub(super) fn get(&self, number: Number) -> Option<&Vantage> {
        self.all.get(number.place())
    }

    /// The number of a vantage, where it has one.
    #[inline]
    pub(super) fn number(&mut self, origin: Origin, layers: &[Layer]) -> Option<Number> {
        match self.get(self.latest) {
            Some(known) if known.is(origin, layers) => Some(self.latest),
            _ => {
                self.latest = self.look_for(origin, layers)?;
                Some(self.latest)
            }
        }
    }

    #[inline(never)]
    fn look_for(&self, origin: Origin, layers: &[Layer]) -> Option<Number> {
        let mut places = self.index.places(self.hash(origin, layers));
        let found = places.find(|&at| self.all[at as usize].is(origin, layers))?;
        Some(Number::of(found as u16))
    }

    /// Gives a new vantage a number, unless there are too many. Beyond a few it takes `room`, in bytes, for as much
    /// as all of them take already: their lists may double.
    pub(super) fn add(&mut self, origin: Origin, layers: &[Layer], room: usize) -> Option<Number> {
        let place = u16::try_from(self.all.len()).ok()?;
        let are_few = self.all.len() < FEW && self.layers + layers.len() <= FEW_LAYERS;
        if !are_few && room < self.bytes_of_all() + size_of_val(layers) {
            return None;
        }
        self.layers += layers.len();
        self.index.insert(self.hash(origin, layers), u32::from(place));
        self.all.push(Vantage { origin, layers: layers.into(), scope: scope(layers) });
        if !are_few {
            self.bytes = self.bytes_of_all();
        }
        Some(Number::of(place))
    }

    fn bytes_of_all(&self) -> usize {
        self.all.capacity() * (size_of::<Vantage>() + ALLOCATION)
            + self.layers * size_of::<Layer>()
            + self.index.bytes_with_one_more()
    }

    fn hash(&self, origin: Origin, layers: &[Layer]) -> u64 {
        self.hasher.hash_one((origin, layers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(count: usize) -> Vec<Layer> {
        (0..count).map(|id| Layer::Vlan(id as u16)).collect()
    }

    fn place(source: usize) -> Origin {
        Origin { source: source as u16, interface: None }
    }

    /// The number of a vantage, old or new.
    fn number(
        vantages: &mut Vantages,
        source: usize,
        layers: &[Layer],
        room: usize,
    ) -> Option<u16> {
        let known = vantages.number(place(source), layers);
        let number = known.or_else(|| vantages.add(place(source), layers, room));
        number.map(|number| number.place() as u16)
    }

    #[test]
    fn each_origin_and_each_stack_of_layers_has_its_number() {
        let mut vantages = Vantages::new();
        for _ in 0..2 {
            for (number, (source, depth)) in
                [(0, 0), (0, 1), (1, 1), (1, 2)].into_iter().enumerate()
            {
                let layers = layers(depth);
                assert_eq!(self::number(&mut vantages, source, &layers, 0), Some(number as u16));
                let vantage = vantages.get(Number::of(number as u16)).unwrap();
                assert_eq!((vantage.origin, &*vantage.layers), (place(source), &*layers));
                assert_eq!(vantage.scope, scope(&layers));
            }
        }
    }

    #[test]
    fn a_few_need_no_room_and_all_others_do() {
        let mut vantages = Vantages::new();
        for source in 0..300 {
            let expected = (source < 256).then_some(source as u16);
            assert_eq!(number(&mut vantages, source, &[], 0), expected);
        }
        assert_eq!(number(&mut vantages, 255, &[], 0), Some(255));
        let mut vantages = Vantages::new();
        for source in 0..60 {
            let expected = (source < 51).then_some(source as u16);
            assert_eq!(number(&mut vantages, source, &layers(80), 0), expected);
        }
        assert_eq!(vantages.bytes(), 0);
        let room = vantages.bytes_of_all() + size_of_val(&*layers(80));
        assert_eq!(number(&mut vantages, 51, &layers(80), room - 1), None);
        assert_eq!(number(&mut vantages, 51, &layers(80), room), Some(51));
        assert_eq!(vantages.bytes(), vantages.bytes_of_all());
    }

    #[test]
    fn there_are_65536_and_what_they_take_is_counted() {
        let mut vantages = Vantages::new();
        let pair = |at: usize| [(at >> 8) as u16, at as u16 & 0xff].map(Layer::Vlan);
        for at in 0..65_536 {
            assert_eq!(number(&mut vantages, 0, &pair(at), usize::MAX), Some(at as u16));
        }
        assert_eq!(vantages.add(place(0), &[], usize::MAX), None);
        assert_eq!(number(&mut vantages, 0, &pair(0), 0), Some(0));
        assert_eq!(number(&mut vantages, 0, &pair(65_535), 0), Some(65_535));
        // Each has four entries of the index, which may double soon.
        let each = size_of::<Vantage>() + ALLOCATION + 2 * size_of::<Layer>() + 4 * 8;
        assert_eq!(vantages.bytes(), 65_536 * each);
    }
}
