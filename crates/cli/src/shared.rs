//! A writer with several owners.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Output is written in pieces of this size, unless somebody waits for it.
const BUFFER: usize = 256 << 10;

/// A buffered writer that the view writes to and that is flushed from elsewhere.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Buffered>>);

type Buffered = BufWriter<Raw>;

/// What the buffer is written to, and what has to happen first.
struct Raw {
    raw: Box<dyn Write + Send>,
    before: Option<Box<dyn FnOnce() + Send>>,
}

impl Shared {
    /// Passes bytes on to `raw` in large pieces, and at each flush.
    pub(crate) fn new(raw: impl Write + Send + 'static) -> Self {
        let raw = Raw { raw: Box::new(raw), before: None };
        Self(Arc::new(Mutex::new(BufWriter::with_capacity(BUFFER, raw))))
    }

    /// Calls `what` before the next bytes leave the buffer.
    pub(crate) fn before_next(&self, what: impl FnOnce() + Send + 'static) {
        self.lock().get_mut().before = Some(Box::new(what));
    }

    fn lock(&self) -> MutexGuard<'_, Buffered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.lock().write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().flush()
    }
}

impl Write for Raw {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(before) = self.before.take() {
            before();
        }
        self.raw.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.raw.flush()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
