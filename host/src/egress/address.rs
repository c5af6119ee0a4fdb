//! Which addresses a binding may reach.
//!
//! Lives here: the special ranges, resolving with a check of every address, and names for tests.
//! Never here: URLs and paths. The HTTP client connects to what this resolver gives it, so the
//! address that was checked is the address that is used.

use crate::guard::{self, Guard};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// An address that the binding's URL does not allow.
#[derive(Debug, thiserror::Error)]
#[error("the name `{host}` leads to a {what} address; write that address in the base URL if it is meant")]
pub(super) struct ForbiddenAddress {
    host: String,
    what: &'static str,
}

/// The addresses a base URL lets its binding reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public addresses.
    Public,
    /// The one the operator wrote.
    Exactly(IpAddr),
    /// Loopback: the operator wrote `localhost`.
    Loopback,
    /// Public addresses and those of the operator's own machines.
    Inside,
}

impl Reach {
    pub(super) fn of(base: &Url) -> Self {
        match base.host() {
            Some(Host::Ipv4(address)) => Self::Exactly(address.into()),
            Some(Host::Ipv6(address)) => Self::Exactly(address.into()),
            Some(Host::Domain(name)) if is_localhost(name) => Self::Loopback,
            Some(Host::Domain(_)) | None => Self::Public,
        }
    }

    /// Why an address is out of reach; `None` if it is not.
    fn objection(self, address: IpAddr) -> Option<&'static str> {
        match self {
            Self::Public => special(address),
            Self::Exactly(written) => (written != address).then_some("different"),
            Self::Inside => special(address).filter(|what| !matches!(*what, "loopback" | "private" | "carrier-grade NAT")),
            Self::Loopback => (!address.is_loopback()).then_some("non-loopback"),
        }
    }
}

pub(super) fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// The name of the special range an address lies in; `None` for a public unicast address. IPv4
/// addresses inside IPv6 ones (mapped, translated) are judged as what they are.
pub fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [127, ..] => Some("loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [169, 254, ..] => Some("link-local"),
        [100, 64..=127, ..] => Some("carrier-grade NAT"),
        [0, ..] => Some("unspecified"),
        [224..=239, ..] => Some("multicast"),
        [240..=255, ..] => Some("reserved"),
        [192, 0, 0, _] | [192, 0, 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => Some("special-purpose"),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let [g1, g2] = g.to_be_bytes();
    let [h1, h2] = h.to_be_bytes();
    let inner = Ipv4Addr::new(g1, g2, h1, h2);
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => return special_v4(inner),
        [0, 0, 0, 0, 0, 0] if g == 0 && h == 1 => return Some("loopback"),
        [0, 0, 0, 0, 0, 0] => return Some("unspecified"),
        _ => {}
    }
    match (a, b) {
        (0xfe80..=0xfebf, _) => Some("link-local"),
        (0xfc00..=0xfdff, _) | (0xfec0..=0xfeff, _) => Some("private"),
        (0xff00..=0xffff, _) => Some("multicast"),
        (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff) => Some("special-purpose"),
        (0x2000..=0x3fff, _) => None,
        _ => Some("reserved"),
    }
}

/// Who answers for names.
#[derive(Clone, Default)]
pub struct Names(Option<Arc<BTreeMap<String, Vec<IpAddr>>>>);

impl Names {
    /// The system's resolver.
    pub fn system() -> Self {
        Self(None)
    }

    /// These names and no others: for tests.
    pub fn fixed(names: impl IntoIterator<Item = (String, Vec<IpAddr>)>) -> Self {
        Self(Some(Arc::new(names.into_iter().collect())))
    }

    async fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match &self.0 {
            Some(fixed) => fixed.get(host).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name")),
            None => Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()),
        }
    }
}

/// The HTTP client's resolver: every address of a name is within reach, or the name has none.
pub(crate) struct CheckedNames {
    pub(super) names: Names,
    pub(super) reach: Reach,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, reach) = (self.names.clone(), self.reach);
        Box::pin(async move {
            let addresses = names.look_up(name.as_str()).await?;
            for address in &addresses {
                if let Some(what) = reach.objection(*address).filter(|_| guard::stands(Guard::Addresses)) {
                    return Err(ForbiddenAddress { host: name.as_str().to_owned(), what }.into());
                }
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_own_machines_are_inside_and_a_clouds_metadata_is_not() {
        for inside in ["127.0.0.1", "10.0.0.7", "192.168.1.4", "fd12::1", "8.8.8.8", "100.64.0.1"] {
            assert_eq!(Reach::Inside.objection(inside.parse().unwrap()), None, "{inside}");
        }
        for outside in ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"] {
            assert!(Reach::Inside.objection(outside.parse().unwrap()).is_some(), "{outside}");
        }
    }

    #[test]
    fn every_special_range_is_known_also_inside_ipv6() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "::",
            "::1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "100::1",
            "4000::1",
            "fd00:ec2::254",
        ] {
            assert!(special(text.parse().unwrap()).is_some(), "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "8.8.8.8", "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8"] {
            assert_eq!(special(text.parse().unwrap()), None, "{text}");
        }
    }
}
