//! A live capture where there is no Linux: pnet's own channel, as it is.
//!
//! Written for macOS and Windows, compiled and tested with pnet's dummy channel only. The system
//! sees every frame and so does the caller: `ports`, `hosts` and `snaplen` are not looked at, frames are
//! stamped when they are read, and what is lost is not known.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parser::{Frame, LinkType, Names, Origin, Timestamp};
use pnet::datalink::{self, Channel, Config, DataLinkReceiver};

use super::{LiveConfig, LiveError, LiveStats, NotPermitted, Notice, PrivilegeReport};
use crate::{CaptureError, Damage, FrameSource, Next};

/// Room for the longest frame.
const BUFFER: usize = 1 << 17;

/// A live capture.
pub struct Live {
    taps: Vec<Box<dyn DataLinkReceiver>>,
    names: Names,
    number: u64,
    stop: StopHandle,
    frame: Vec<u8>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Asks a capture to stop, from anywhere.
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<AtomicBool>);

impl StopHandle {
    /// Asks the capture to stop. It delivers every frame that is there, then [`Next::End`].
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Live {
    /// Opens every channel of the capture.
    ///
    /// # Errors
    /// Where an interface is not there or may not be captured on.
    pub fn open(config: &LiveConfig) -> Result<Self, LiveError> {
        if config.interfaces.is_empty() {
            return Err(LiveError::NoInterface);
        }
        // Each channel waits in its turn.
        let channels = u32::try_from(config.interfaces.len()).unwrap_or(u32::MAX);
        let turn = (config.idle / channels).max(Duration::from_millis(1));
        let open = |name: &String| Ok((name.clone(), open(name, config.promiscuous, turn)?));
        Ok(Self::on(config.interfaces.iter().map(open).collect::<Result<_, _>>()?))
    }

    fn on(channels: Vec<(String, Box<dyn DataLinkReceiver>)>) -> Self {
        let mut names = Names::default();
        let source = names.add_source("live");
        let mut taps = Vec::new();
        for (name, receiver) in channels {
            names.add_interface(source, Some(name));
            taps.push(receiver);
        }
        Self { taps, names, number: 0, stop: StopHandle::default(), frame: Vec::new() }
    }

    /// What stops this capture.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// How many frames came.
    pub fn stats(&mut self) -> LiveStats {
        LiveStats { received: self.number, dropped: None }
    }

    /// What has happened to the interfaces: not known here.
    #[expect(clippy::unused_self, reason = "the same call as on Linux")]
    pub fn take_notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }

    /// Reads a frame into `self.frame` and tells from which channel; `None` where none came.
    fn read(&mut self) -> io::Result<Option<usize>> {
        for (at, tap) in self.taps.iter_mut().enumerate() {
            match tap.next() {
                Ok(bytes) => {
                    self.frame.clear();
                    self.frame.extend_from_slice(bytes);
                    return Ok(Some(at));
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::TimedOut
                            | io::ErrorKind::WouldBlock
                            | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

fn open(
    name: &str,
    promiscuous: bool,
    turn: Duration,
) -> Result<Box<dyn DataLinkReceiver>, LiveError> {
    let interfaces = datalink::interfaces();
    let Some(interface) = interfaces.iter().find(|interface| interface.name == name) else {
        let present = interfaces.into_iter().map(|interface| interface.name).collect();
        return Err(LiveError::NoSuchInterface { name: name.to_owned(), present });
    };
    let config = Config {
        read_buffer_size: BUFFER,
        read_timeout: Some(turn),
        promiscuous: promiscuous && !interface.is_loopback(),
        ..Config::default()
    };
    let interface_name = || name.to_owned();
    match datalink::channel(interface, config) {
        Ok(Channel::Ethernet(_sender, receiver)) => Ok(receiver),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let facts = Box::new(NotPermitted::default());
            Err(LiveError::NotPermitted { interface: interface_name(), facts })
        }
        result => Err(LiveError::System {
            step: "open pnet's channel",
            interface: interface_name(),
            source: result.err().unwrap_or_else(|| io::ErrorKind::Unsupported.into()),
        }),
    }
}

impl FrameSource for Live {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let stopping = self.stop.0.load(Ordering::Acquire);
        let before = now();
        let read = self.read();
        let failed = |source| CaptureError::Io { path: PathBuf::from("live capture"), source };
        match read.map_err(failed)? {
            None if stopping => Ok(Next::End),
            None => Ok(Next::Idle(before)),
            Some(at) => {
                self.number += 1;
                Ok(Next::Frame(Frame {
                    origin: Origin { source: 0, interface: u16::try_from(at).ok() },
                    number: self.number,
                    timestamp: Some(now()),
                    link: LinkType::ETHERNET,
                    wire_len: u32::try_from(self.frame.len()).unwrap_or(u32::MAX),
                    bytes: &self.frame,
                }))
            }
        }
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn damage(&self) -> &[Damage] {
        &[]
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Gives up nothing: what there is to give up is not known here.
///
/// # Errors
/// None here; elsewhere, where the kernel refuses.
pub fn drop_privileges() -> Result<PrivilegeReport, LiveError> {
    Ok(PrivilegeReport::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_a_channel_come_until_the_capture_is_stopped() {
        let mut config = datalink::dummy::Config::default();
        let inject = config.inject_handle().unwrap();
        let interface = datalink::dummy::dummy_interface(0);
        let Ok(Channel::Ethernet(_, receiver)) = datalink::dummy::channel(&interface, config)
        else {
            panic!("a dummy channel");
        };
        let mut live = Live::on(vec![("dummy".to_owned(), receiver)]);
        let quiet = || Err(io::ErrorKind::TimedOut.into());
        inject.send(Ok(vec![1, 2, 3].into())).unwrap();
        inject.send(quiet()).unwrap();
        inject.send(Ok(vec![4].into())).unwrap();
        inject.send(quiet()).unwrap();
        inject.send(Err(io::ErrorKind::BrokenPipe.into())).unwrap();

        let Next::Frame(frame) = live.next().unwrap() else { panic!("a frame") };
        assert_eq!((frame.number, frame.wire_len, frame.bytes), (1, 3, &[1, 2, 3][..]));
        let origin = frame.origin;
        assert_eq!(live.names().interface(origin), Some("dummy"));
        assert!(matches!(live.next().unwrap(), Next::Idle(_)));
        live.stop_handle().stop();
        let Next::Frame(frame) = live.next().unwrap() else { panic!("what was there") };
        assert_eq!((frame.number, frame.bytes), (2, &[4][..]));
        assert!(matches!(live.next().unwrap(), Next::End));
        assert!(live.next().is_err());
        assert_eq!(live.stats(), LiveStats { received: 2, dropped: None });
        assert_eq!((live.take_notices(), live.damage()), (vec![], &[][..]));
        assert_eq!(drop_privileges().unwrap(), PrivilegeReport::default());
    }

    #[test]
    fn an_interface_that_is_not_there_is_refused_by_name() {
        let error = Live::open(&LiveConfig::on(["nope0"])).unwrap_err();
        assert!(matches!(error, LiveError::NoSuchInterface { name, .. } if name == "nope0"));
        let nothing = LiveConfig::on(Vec::<String>::new());
        assert!(matches!(Live::open(&nothing), Err(LiveError::NoInterface)));
    }
}
