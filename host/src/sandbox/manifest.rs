//! The author's manifest inside a component: the text of `plugin.yml` as a custom section, so that code and
//! what it asks for cannot be changed apart.
//!
//! Lives here: reading the section, writing it.
//! Never here: what the manifest says (`grants`).

use std::ops::Range;
use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// The name of the custom section.
const SECTION: &str = "centralita:manifest";

/// The bytes before the first section: magic, version, layer.
const HEADER: usize = 8;

/// The text of the manifest, if the bytes hold one that is UTF-8. The rest of the component is not checked.
pub fn manifest_of(wasm: &[u8]) -> Option<String> {
    let (_, text) = sections(wasm)?.into_iter().find_map(|(whole, text)| Some((whole, text?)))?;
    String::from_utf8(wasm[text].to_vec()).ok()
}

/// The component with this manifest at its end, in place of any other. Bytes that have no sections come back
/// as they are: loading refuses them.
pub fn with_manifest(wasm: &[u8], yaml: &str) -> Vec<u8> {
    let Some(sections) = sections(wasm) else {
        return wasm.to_vec();
    };
    let mut whole = wasm[..HEADER].to_vec();
    for (section, manifest) in sections {
        if manifest.is_none() {
            whole.extend_from_slice(&wasm[section]);
        }
    }
    let section = wasm_encoder::CustomSection { name: SECTION.into(), data: yaml.as_bytes().into() };
    whole.push(0);
    section.encode(&mut whole);
    whole
}

/// A section's place, and the place of the manifest's text in it.
type Section = (Range<usize>, Option<Range<usize>>);

/// The top-level sections, each with the place of the manifest's text if that is what it holds.
fn sections(wasm: &[u8]) -> Option<Vec<Section>> {
    let mut found = Vec::new();
    let mut reader = BinaryReader::new(wasm.get(HEADER..)?, 0);
    while !reader.eof() {
        let start = wasm.len() - reader.bytes_remaining();
        let kind = reader.read_u8().ok()?;
        let size = reader.read_var_u32().ok()? as usize;
        let mut body = BinaryReader::new(reader.read_bytes(size).ok()?, 0);
        let end = wasm.len() - reader.bytes_remaining();
        let ours = kind == 0 && body.read_string().is_ok_and(|name| name == SECTION);
        found.push((start..end, ours.then(|| end - body.bytes_remaining()..end)));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Vec<u8> {
        b"\0asm\x0d\0\x01\0".to_vec()
    }

    #[test]
    fn a_manifest_is_read_back_and_replaced() {
        let once = with_manifest(&empty(), "name: uno\n");
        assert_eq!(manifest_of(&once).as_deref(), Some("name: uno\n"));
        let twice = with_manifest(&once, "name: dos\n");
        assert_eq!(manifest_of(&twice).as_deref(), Some("name: dos\n"));
        assert_eq!(once.len(), twice.len());
        assert_eq!(with_manifest(&twice, "name: dos\n"), twice);
    }

    #[test]
    fn bytes_without_sections_have_no_manifest_and_stay_as_they_are() {
        for bytes in [b"".as_slice(), b"name: uno", b"\0asm\x0d\0\x01\0\x00\xff", &empty()] {
            assert_eq!(manifest_of(bytes), None);
        }
        assert_eq!(with_manifest(b"rubbish, and broken", "name: uno"), b"rubbish, and broken");
    }
}
