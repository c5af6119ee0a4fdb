//! A component without what only people read: names of functions, files and lines.
//!
//! Lives here: taking those sections out of every module inside. The code stays byte for byte as it is, so places in it
//! can still be found in the copy that has them (`symbols.rs`).
//! Never here: what the sections say.

use wasm_encoder::Encode as _;
use wasmparser::BinaryReader;

/// The bytes before the first section: magic, version, layer.
const HEADER: usize = 8;
const CUSTOM: u8 = 0;
const MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// The component without names and debugging sections. Bytes that have no sections come back as they are.
pub fn stripped(wasm: &[u8]) -> Vec<u8> {
    cut(wasm, true).unwrap_or_else(|| wasm.to_vec())
}

fn cut(wasm: &[u8], component: bool) -> Option<Vec<u8>> {
    let mut whole = wasm.get(..HEADER)?.to_vec();
    let mut reader = BinaryReader::new(&wasm[HEADER..], 0);
    while !reader.eof() {
        let kind = reader.read_u8().ok()?;
        let size = reader.read_var_u32().ok()? as usize;
        let body = reader.read_bytes(size).ok()?;
        let body = match kind {
            CUSTOM if for_people(body) => continue,
            MODULE if component => cut(body, false)?,
            COMPONENT if component => cut(body, true)?,
            _ => body.to_vec(),
        };
        whole.push(kind);
        // A byte string as the format has it: its length, then its bytes.
        body.as_slice().encode(&mut whole);
    }
    Some(whole)
}

fn for_people(section: &[u8]) -> bool {
    BinaryReader::new(section, 0).read_string().is_ok_and(|name| name == "name" || name.starts_with(".debug_"))
}
