//! Statistics: groups of attempts, for people and for programs.

mod csv;
mod lines;
mod metrics;
mod spark;
mod table;

use answers::Key;
use parser::{Names, Timestamp};

use crate::style::Style;
use crate::text::{Rfc3339, minute};
use crate::{Answers, host};

pub use csv::StatsCsv;
pub use lines::{group_lines, outcome_lines, time_lines};
pub use metrics::{Dialect, Metrics, Standing, live_metrics};
pub use table::StatsTable;
pub(crate) use table::{Grid, grid};

/// What the attempts of a group have in common, for programs: the same text always.
pub(crate) fn key_text(key: &Key, names: &Names) -> String {
    match key {
        Key::Endpoint(endpoint) => endpoint.to_string(),
        Key::Addr(addr) => addr.to_string(),
        Key::Subnet(addr, bits) => format!("{addr}/{bits}"),
        Key::Port(port) => port.to_string(),
        Key::Vlan(Some(id)) => id.to_string(),
        Key::Vlan(None) => "none".to_owned(),
        Key::Interface(origin) => {
            let name = names.interface(*origin).or_else(|| names.source(*origin));
            name.unwrap_or("unknown").to_owned()
        }
        Key::Outcome(outcome) => outcome.name().to_owned(),
        Key::Minute(Some(begin)) => Rfc3339(Timestamp::from_nanos(*begin)).to_string(),
        Key::Minute(None) => "unknown".to_owned(),
    }
}

/// The same for people, with the name of a host.
fn key_words(key: &Key, answers: &Answers, style: Style) -> String {
    match key {
        Key::Minute(Some(begin)) => minute(Timestamp::from_nanos(*begin), &style.zone()),
        Key::Vlan(Some(id)) => format!("vlan {id}"),
        Key::Vlan(None) => "no vlan".to_owned(),
        Key::Port(port) => format!("port {port}"),
        _ => host::of_group(key, &answers.host_names)
            .unwrap_or_else(|| key_text(key, &answers.names)),
    }
}

#[cfg(test)]
mod tests;
