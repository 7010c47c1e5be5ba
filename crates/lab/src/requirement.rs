//! What has to be there before a scenario begins, because it takes rights.

use std::fs;
use std::io;

use crate::blackhole_port::BlackholePort;
use crate::error::{Need, ScenarioError};
use crate::filter::Loss;
use crate::raw_sender::RawSender;
use crate::stage::Stage;
use crate::witness::Witness;

/// Something that takes rights in the namespace to set up, and none to use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requirement {
    /// A setting, as a path below `/proc/sys`, and its value.
    Setting(&'static str, &'static str),
    /// Raw sockets, for segments and ICMP errors made by hand.
    RawSender,
    /// A TCP socket of server 1 to which these segments don't get through.
    LossyServer(Loss),
    /// The same for client 1.
    LossyClient(Loss),
    /// Raw sockets that see datagrams and ICMP messages.
    Witness,
    /// A port at which segments vanish, this far from the server's.
    BlackholePort(u16),
}

impl Requirement {
    pub(crate) fn set_up(self, stage: &mut Stage) -> Result<(), ScenarioError> {
        match self {
            Self::Setting(path, value) => {
                let need = Need::Setting(path, value);
                set(&format!("/proc/sys/{path}"), value)
                    .map_err(|error| ScenarioError::Missing { need, error })?;
            }
            Self::RawSender => {
                let need = Need::RawSocket;
                let raw_sender = RawSender::open();
                stage.raw_sender =
                    Some(raw_sender.map_err(|error| ScenarioError::Missing { need, error })?);
            }
            Self::Witness => {
                let need = Need::RawSocket;
                let witness = Witness::open();
                stage.witness =
                    Some(witness.map_err(|error| ScenarioError::Missing { need, error })?);
            }
            Self::LossyServer(loss) => {
                let socket = stage.server(1).tcp(Stage::server_end())?;
                socket.lose(loss)?;
                stage.keep_lossy(socket);
            }
            Self::LossyClient(loss) => {
                let socket = stage.client(1).tcp(Stage::server_end())?;
                socket.lose(loss)?;
                stage.keep_lossy(socket);
            }
            Self::BlackholePort(offset) => {
                stage.blackhole_ports.push(BlackholePort::at(Stage::server_port(offset))?);
            }
        }
        Ok(())
    }
}

/// Writes a setting, unless it has the value already: containers mount `/proc/sys` read-only.
fn set(path: &str, value: &str) -> io::Result<()> {
    if fs::read_to_string(path)?.trim() == value { Ok(()) } else { fs::write(path, value) }
}
