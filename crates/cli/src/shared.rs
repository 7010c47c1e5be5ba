//! A writer with several owners.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;

/// Output is written in pieces of this size, unless somebody waits for it.
const BUFFER: usize = 256 << 10;

/// A buffered writer that the view writes to and that is flushed from elsewhere.
#[derive(Clone)]
pub(crate) struct Shared(Rc<RefCell<BufWriter<Box<dyn Write>>>>);

impl Shared {
    /// Passes bytes on to `raw` in large pieces, and at each flush.
    pub(crate) fn new(raw: impl Write + 'static) -> Self {
        Self(Rc::new(RefCell::new(BufWriter::with_capacity(BUFFER, Box::new(raw)))))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
