//! Ports that answer nothing.

use parser::Endpoint;
use socket2::{Domain, Socket, Type};

use crate::error::{Need, ScenarioError};
use crate::filter::Loss;
use crate::socket::address;

/// A port where segments are lost: no answer comes, not even a RST of the kernel.
#[derive(Debug)]
pub(crate) struct BlackholePort {
    _socket: Socket,
}

impl BlackholePort {
    /// Takes the port of `end`. A listening socket keeps the kernel from answering for a closed
    /// port, and its filter keeps the socket from answering.
    pub(crate) fn at(end: Endpoint) -> Result<Self, ScenarioError> {
        let failed = |error| ScenarioError::Call { call: format!("bind({end})"), error };
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(failed)?;
        socket
            .attach_filter(&Loss::Everything.program())
            .map_err(|error| ScenarioError::Missing { need: Need::SocketFilter, error })?;
        socket.set_reuse_port(true).map_err(failed)?;
        socket.bind(&address(end).into()).map_err(failed)?;
        socket.listen(1).map_err(failed)?;
        Ok(Self { _socket: socket })
    }
}
