//! One packet socket with what is known of its interface.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use parser::Names;

use super::channel::{Captured, Channel};
use super::filter::{self, Layout, Program};
use super::pnet_channel::PnetChannel;
use super::ring::RingChannel;
use super::sys::{self, InterfaceFacts, LinkHeader, Socket};
use crate::live::LiveStats;
use crate::live::config::{ANY, Backend, LiveConfig};
use crate::live::error::LiveError;
use crate::live::notice::Notice;
use crate::live::present::present;
use crate::live::privilege::NotPermitted;

const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;
/// After an error that stays.
const PAUSE: Duration = Duration::from_millis(10);

/// One packet socket: on one interface, or on all of them.
pub(super) struct Tap {
    pub(super) channel: Box<dyn Channel>,
    name: String,
    /// The interface's index; 0 for all.
    index: u32,
    layout: Layout,
    promiscuous: bool,
    pub(super) state: LinkState,
    /// What the frames' origins say of each interface index.
    origins: HashMap<u32, u16>,
    stats: LiveStats,
}

/// The state of a tap's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    Up,
    Down,
    Gone,
    /// Replaced by another of the same name that can't be captured on.
    Lost,
}

/// What a tap is to be made for.
struct Target {
    name: String,
    index: u32,
    layout: Layout,
}

impl Target {
    fn find(config: &LiveConfig, name: &str) -> Result<Self, LiveError> {
        let target = |index, layout| Self { name: name.to_owned(), index, layout };
        if name == ANY {
            // pnet tells nothing of a frame but its bytes, so all of them must begin alike.
            let alike = config.backend == Backend::Pnet;
            return Ok(target(0, if alike { Layout::AnyEthernet } else { Layout::Any }));
        }
        let facts = sys::interface_index(name).zip(sys::interface_facts(name).ok());
        let Some((index, facts)) = facts else {
            let present = present().into_iter().map(|interface| interface.name).collect();
            return Err(LiveError::NoSuchInterface { name: name.to_owned(), present });
        };
        if !facts.up {
            return Err(LiveError::InterfaceDown { name: name.to_owned() });
        }
        Ok(target(index, layout_of(facts)))
    }

    /// pnet doesn't tell where a link header ends that it doesn't know.
    fn link_header(&self, backend: Backend) -> LinkHeader {
        match (backend, self.layout) {
            (Backend::Pnet, Layout::Network) => LinkHeader::Removed,
            _ => LinkHeader::Kept,
        }
    }
}

fn layout_of(facts: InterfaceFacts) -> Layout {
    match facts.hardware {
        ARPHRD_LOOPBACK => Layout::Loopback,
        ARPHRD_ETHER => Layout::Ethernet,
        _ => Layout::Network,
    }
}

/// The filter that [`crate::live::Live::open`] gives the kernel for this interface.
///
/// # Errors
/// Where there is no such interface, it is down, or the filter would be too long for the kernel.
pub fn kernel_filter(config: &LiveConfig, interface: &str) -> Result<Program, LiveError> {
    program_for(config, &Target::find(config, interface)?)
}

fn program_for(config: &LiveConfig, target: &Target) -> Result<Program, LiveError> {
    let program = filter::program(config, target.layout);
    let (instructions, most) = (program.instructions().len(), filter::MAX_INSTRUCTIONS);
    if instructions > most {
        return Err(LiveError::FilterTooLong { instructions, most });
    }
    Ok(program)
}

impl Tap {
    /// Opens, filters, sets up and binds, in this order: nothing unfiltered is received.
    pub(super) fn open(config: &LiveConfig, name: &str) -> Result<Self, LiveError> {
        let target = Target::find(config, name)?;
        let program = program_for(config, &target)?;
        let link_header = target.link_header(config.backend);
        let Target { name, index, layout } = target;
        let promiscuous = config.promiscuous && index != 0 && layout != Layout::Loopback;
        let failed = |step| {
            let interface = name.clone();
            move |source| LiveError::System { step, interface, source }
        };
        let socket = Socket::open(link_header).map_err(|source| refused(&name, source))?;
        socket.attach_filter(program.instructions()).map_err(failed("attach the filter"))?;
        if layout == Layout::Loopback {
            // Spares the kernel the work; where it is too old for it, the filter does the same.
            drop(socket.ignore_outgoing());
        }
        let channel: Box<dyn Channel> = match config.backend {
            Backend::Ring => {
                let channel = RingChannel::new(socket, config.ring_bytes, config.time_out);
                let channel = channel
                    .map_err(|source| LiveError::NoRing { interface: name.clone(), source })?;
                channel.socket().bind(index).map_err(failed("bind"))?;
                Box::new(channel)
            }
            Backend::Pnet => {
                let channel = PnetChannel::new(socket, &name, index, layout);
                Box::new(channel.map_err(failed("open pnet's channel"))?)
            }
        };
        if promiscuous {
            channel.socket().promiscuous(index).map_err(failed("set promiscuous mode"))?;
        }
        Ok(Self {
            channel,
            name,
            index,
            layout,
            promiscuous,
            state: LinkState::Up,
            origins: HashMap::new(),
            stats: LiveStats::default(),
        })
    }

    /// The frame that the channel has ready, and its interface by its number in `names`.
    pub(super) fn take(&mut self, names: &mut Names) -> Option<(Captured<'_>, Option<u16>)> {
        let captured = self.channel.take()?;
        let index = if self.index == 0 { captured.interface } else { Some(self.index) };
        let origin = index.map(|index| {
            *self.origins.entry(index).or_insert_with(|| {
                let all = self.index == 0;
                let name = if all { sys::interface_name(index) } else { Some(self.name.clone()) };
                names.add_interface(0, name)
            })
        });
        Some((captured, origin))
    }

    /// Adds what the kernel counted since the last time; it forgets what it has reported.
    pub(super) fn stats(&mut self) -> LiveStats {
        if let Ok((packets, drops)) = self.channel.socket().statistics() {
            *self.stats.dropped.get_or_insert(0) += drops;
            self.stats.received += packets.saturating_sub(drops);
        }
        self.stats
    }

    /// Takes the error off the socket, without which `poll` would return at once for ever.
    pub(super) fn on_error(&mut self, notices: &mut Vec<Notice>) {
        let error = self.channel.socket().take_error();
        if !matches!(error, Ok(Some(_))) {
            // An error that can't be taken must not keep a processor busy.
            std::thread::sleep(PAUSE);
            return;
        }
        if self.index == 0 {
            return;
        }
        if self.state == LinkState::Up {
            self.enter(LinkState::Down, notices);
        }
        self.look(notices);
    }

    /// Looks what has become of an interface that was not up.
    pub(super) fn look(&mut self, notices: &mut Vec<Notice>) {
        self.follow_name(notices);
        match (sys::interface_index(&self.name), sys::interface_facts(&self.name)) {
            (Some(index), Ok(facts)) if index == self.index => {
                let state = if facts.up { LinkState::Up } else { LinkState::Down };
                self.enter(state, notices);
            }
            (Some(index), Ok(facts)) if facts.up => self.replace(index, facts, notices),
            (Some(_), _) => {}
            (None, _) => self.enter(LinkState::Gone, notices),
        }
    }

    /// Learns the name of an interface that was renamed. The socket stays bound to it, whatever it is
    /// called, and is bound to none once it was removed: its index may be another's by then.
    fn follow_name(&mut self, notices: &mut Vec<Notice>) {
        if self.channel.socket().bound_to().ok() != Some(self.index) {
            return;
        }
        let Some(to) = sys::interface_name(self.index).filter(|name| *name != self.name) else {
            return;
        };
        let interface = std::mem::replace(&mut self.name, to.clone());
        notices.push(Notice::Renamed { interface, to });
    }

    fn enter(&mut self, state: LinkState, notices: &mut Vec<Notice>) {
        if self.state == state {
            return;
        }
        self.state = state;
        let interface = self.name.clone();
        notices.push(match state {
            LinkState::Up => Notice::Up { interface },
            LinkState::Down => Notice::Down { interface },
            LinkState::Gone | LinkState::Lost => Notice::Gone { interface },
        });
    }

    /// Moves to another interface of the same name. Binding again needs no privilege.
    fn replace(&mut self, index: u32, facts: InterfaceFacts, notices: &mut Vec<Notice>) {
        if self.state == LinkState::Lost {
            return;
        }
        let interface = self.name.clone();
        let socket = self.channel.socket();
        let moved = if layout_of(facts) == self.layout {
            socket.bind(index)
        } else {
            Err(io::Error::other("its frames are of another kind"))
        };
        match moved {
            Ok(()) => {
                if self.promiscuous {
                    // Not worth losing the interface for.
                    drop(socket.promiscuous(index));
                }
                self.state = LinkState::Up;
                self.index = index;
                notices.push(Notice::Replaced { interface });
            }
            Err(error) => {
                self.state = LinkState::Lost;
                notices.push(Notice::NotReplaced { interface, reason: error.to_string() });
            }
        }
    }
}

fn refused(interface: &str, source: io::Error) -> LiveError {
    let interface = interface.to_owned();
    if source.kind() == io::ErrorKind::PermissionDenied {
        LiveError::NotPermitted { interface, facts: Box::new(NotPermitted::gather()) }
    } else {
        LiveError::System { step: "open a packet socket", interface, source }
    }
}
