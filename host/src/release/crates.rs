//! The crates inside a component, as `cargo auditable` writes them down.
//!
//! Lives here: finding that section, and taking it apart within bounds.
//! Never here: whether a crate is any good; scanners know that.

use serde::Deserialize;
use std::io::Read as _;
use wasmparser::{Parser, Payload};

/// The custom section's name.
const SECTION: &str = ".dep-v0";
/// Bytes of the list, unpacked, at most.
const MOST: u64 = 8 << 20;

/// One crate of a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is from: `crates.io`, `git`, `local`.
    #[serde(default)]
    pub source: String,
}

#[derive(Deserialize)]
struct Listed {
    packages: Vec<Crate>,
}

/// The crates of a component, sorted; `None` where it was not built with `cargo auditable`.
pub fn crates(wasm: &[u8]) -> Option<Vec<Crate>> {
    let section = Parser::new(0).parse_all(wasm).map_while(Result::ok).find_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == SECTION => Some(section.data().to_vec()),
        _ => None,
    })?;
    let mut json = Vec::new();
    flate2::read::ZlibDecoder::new(section.as_slice()).take(MOST).read_to_end(&mut json).ok()?;
    let mut listed = serde_json::from_slice::<Listed>(&json).ok()?.packages;
    listed.sort();
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use wasm_encoder::{ComponentSection as _, CustomSection};

    #[test]
    fn the_list_inside_a_component_is_read_and_a_damaged_one_is_none() {
        let json = br#"{"packages":[{"name":"serde","version":"1.0.0","source":"crates.io","kind":"build"},{"name":"guest","version":"0.1.0","source":"local","root":true}]}"#;
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(json).unwrap();
        let packed = packed.finish().unwrap();
        let with = |data: &[u8]| {
            let mut wasm = b"\0asm\x0d\0\x01\0".to_vec();
            CustomSection { name: SECTION.into(), data: data.into() }.append_to_component(&mut wasm);
            wasm
        };
        let names = crates(&with(&packed)).map(|crates| crates.iter().map(|one| format!("{} {}", one.name, one.version)).collect::<Vec<_>>());
        assert_eq!(names, Some(vec!["guest 0.1.0".to_owned(), "serde 1.0.0".to_owned()]));
        assert_eq!(crates(&with(b"not packed")), None);
        assert_eq!(crates(b"\0asm\x0d\0\x01\0"), None);
    }
}
