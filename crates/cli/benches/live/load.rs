//! Connections on the loopback interface, as fast as they can be made or at a rate.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

/// As many as there are cores on the smallest machine worth measuring.
const THREADS: u32 = 2;

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Connections a second; `None` for as many as possible.
    pub(crate) rate: Option<u32>,
    /// For how long.
    pub(crate) time: Duration,
    /// No more than these.
    pub(crate) most: u32,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Made {
    pub(crate) connections: u64,
    pub(crate) per_second: f64,
}

/// One end after the other, in one thread: the listener's queue holds what `connect` has made.
#[derive(Debug)]
pub(crate) struct Pair(TcpListener);

impl Pair {
    pub(crate) fn new() -> io::Result<Self> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(Self)
    }

    /// Makes a connection and resets it, so that its port is free again at once: four segments.
    pub(crate) fn connect(&self) -> io::Result<()> {
        let client = TcpStream::connect(self.0.local_addr()?)?;
        let (_server, _) = self.0.accept()?;
        SockRef::from(&client).set_linger(Some(Duration::ZERO))
    }
}

impl Load {
    pub(crate) fn make(self) -> io::Result<Made> {
        let together = Barrier::new(THREADS as usize);
        let begun = Instant::now();
        let made = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..THREADS).map(|_| scope.spawn(|| self.make_share(&together))).collect();
            let shares = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
            });
            shares.sum::<io::Result<u64>>()
        })?;
        Ok(Made { connections: made, per_second: made as f64 / begun.elapsed().as_secs_f64() })
    }

    fn make_share(self, together: &Barrier) -> io::Result<u64> {
        let pair = Pair::new();
        together.wait();
        let pair = pair?;
        let begun = Instant::now();
        let most = u64::from(self.most / THREADS);
        let mut made = 0;
        while made < most && begun.elapsed() < self.time {
            if let Some(rate) = self.rate {
                let due = begun.elapsed().as_secs_f64() * f64::from(rate / THREADS);
                if made as f64 > due {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
            }
            pair.connect()?;
            made += 1;
        }
        Ok(made)
    }
}
