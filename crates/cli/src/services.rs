//! The ports of services, by their names.

use std::fs;

/// Names that are usual. A system that has its own list may name others.
const USUAL: [(&str, u16); 30] = [
    ("amqp", 5672),
    ("bgp", 179),
    ("dns", 53),
    ("domain", 53),
    ("ftp", 21),
    ("http", 80),
    ("http-alt", 8080),
    ("https", 443),
    ("imap", 143),
    ("imaps", 993),
    ("kerberos", 88),
    ("ldap", 389),
    ("ldaps", 636),
    ("memcached", 11211),
    ("microsoft-ds", 445),
    ("mongodb", 27017),
    ("mqtt", 1883),
    ("ms-sql-s", 1433),
    ("ms-wbt-server", 3389),
    ("mysql", 3306),
    ("pop3", 110),
    ("pop3s", 995),
    ("postgresql", 5432),
    ("redis", 6379),
    ("rdp", 3389),
    ("smb", 445),
    ("smtp", 25),
    ("ssh", 22),
    ("submission", 587),
    ("telnet", 23),
];

/// The TCP port of the service with this name: as the system's list says, or a usual one.
pub(crate) fn port(name: &str) -> Option<u16> {
    let list = fs::read_to_string("/etc/services").unwrap_or_default();
    let usual = || USUAL.iter().find(|(usual, _)| *usual == name).map(|(_, port)| *port);
    listed(&list, name).or_else(usual)
}

/// The TCP port that a list in the form of services(5) gives to a name or an alias.
fn listed(list: &str, name: &str) -> Option<u16> {
    list.lines().find_map(|line| {
        let line = line.split('#').next()?;
        let mut words = line.split_whitespace();
        let (official, number) = (words.next()?, words.next()?);
        let port = number.strip_suffix("/tcp")?.parse().ok()?;
        (official == name || words.any(|alias| alias == name)).then_some(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_ports_and_their_aliases() {
        let list = "# no line\n\ndomain 53/udp\nhttp\t80/tcp  www web # the web\nodd 1\nx y/tcp\n\
                    tftp 69/udp\nsyslog-tls 6514/tcp";
        let found = ["http", "web", "syslog-tls"].map(|name| listed(list, name));
        assert_eq!(found, [Some(80), Some(80), Some(6514)]);
        for name in ["domain", "tftp", "the", "odd", "x", "#", ""] {
            assert_eq!(listed(list, name), None, "{name}");
        }
    }

    #[test]
    fn usual_names_need_no_list() {
        assert_eq!(["https", "ssh", "no-such"].map(port), [Some(443), Some(22), None]);
        assert!(USUAL.iter().all(|(name, _)| port(name).is_some()));
    }
}
