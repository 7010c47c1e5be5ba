//! What closed files keep of what they have decompressed, so that they need not be opened again for
//! each record.

/// What they may keep together.
const MEMORY: usize = 8 << 20;

/// The files that keep something, and how much each of them may.
#[derive(Debug)]
pub(super) struct Hoards {
    files: Vec<usize>,
    each: usize,
    memory: usize,
}

impl Default for Hoards {
    fn default() -> Self {
        Self::new(MEMORY)
    }
}

impl Hoards {
    /// None yet. Together they may keep so many bytes.
    pub(super) const fn new(memory: usize) -> Self {
        Self { files: Vec::new(), each: memory, memory }
    }

    /// How many bytes each of them may keep.
    pub(super) const fn each(&self) -> usize {
        self.each
    }

    /// How many bytes all of them may keep.
    pub(super) const fn memory(&self) -> usize {
        self.memory
    }

    pub(super) fn files(&self) -> &[usize] {
        &self.files
    }

    /// Another file keeps something. `true` where each one may keep less than before: then they must let
    /// go of the rest.
    pub(super) fn add(&mut self, file: usize) -> bool {
        self.files.push(file);
        // With powers of two this happens seldom, as what they let go is decompressed again. It is not
        // taken back as soon as one file is gone, which may be there again in its next turn.
        let each = self.memory / self.files.len().next_power_of_two();
        let is_less = each < self.each;
        if is_less || each / 4 >= self.each {
            self.each = each;
        }
        is_less
    }

    /// The file keeps nothing any more.
    pub(super) fn remove(&mut self, file: usize) {
        self.files.retain(|&other| other != file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_never_have_more_together_than_they_may() {
        let mut hoards = Hoards::new(1 << 10);
        let adds = |hoards: &mut Hoards, file| (hoards.add(file), hoards.each());
        let added: Vec<_> = (0..5).map(|file| adds(&mut hoards, file)).collect();
        let expected = [(false, 1 << 10), (true, 512), (true, 256), (false, 256), (true, 128)];
        assert_eq!(added, expected);
        // One that goes and comes takes nothing from the others.
        hoards.remove(4);
        assert_eq!(adds(&mut hoards, 4), (false, 128));
        // Most of them have ended.
        (1..5).for_each(|file| hoards.remove(file));
        assert_eq!(adds(&mut hoards, 5), (false, 512));
        assert_eq!(hoards.files(), [0, 5]);
    }
}
