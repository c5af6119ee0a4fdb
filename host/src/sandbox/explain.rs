//! Whether a component fits the contract, and if not, why: in words that name the interface and the type.
//!
//! Lives here: asking the WIT tooling, which says more than the linker.
//! Never here: grants: what a component may import is checked before.

use super::{wasi, wit};
use anyhow::bail;
use wit_component::{DecodedWasm, WitPrinter};

/// What of a component is not as the contract has it. The linker is asked after this one: it also refuses, but
/// says less, and looks at exports only when they are called.
pub(super) fn mismatch(wasm: &[u8]) -> Option<String> {
    let reason = format!("{:#}", targets(wasm).err()?);
    let reason = reason.split(" (at offset").next().unwrap_or(&reason);
    let ours = |line: &str| line.contains("mismatch") || line.contains("missing");
    // Anything else is the tooling's own trouble, which the linker settles.
    ours(reason).then(|| reason.rsplit("import `fits`: ").next().unwrap_or(reason).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Checks a component against the contract's world plus the WASI stubs, each as the component itself knows it:
/// those are the linker's to check.
fn targets(wasm: &[u8]) -> anyhow::Result<()> {
    let (mut resolve, _) = wit_parser::decoding::decode_world(wit::COMPONENT_TYPE)?;
    let DecodedWasm::Component(guest, world) = wit_component::decode(wasm)? else { bail!("not a component") };
    let mut text = "package centralita:fits;\nworld fits {\n  include centralita:action/action@0.1.0;\n".to_owned();
    for import in guest.worlds[world].imports.keys().map(|key| guest.name_world_key(key)) {
        if wasi::OFFERED.contains(&import.split('@').next().unwrap_or_default()) {
            text += &format!("  import {import};\n");
        }
    }
    text += "}\n";
    for (id, _) in guest.packages.iter().filter(|(_, package)| package.name.namespace == "wasi") {
        let mut printer = WitPrinter::default();
        printer.emit_docs(false).print_package(&guest, id, false)?;
        text += &printer.output.to_string();
        text += "\n";
    }
    let package = resolve.push_str("fits.wit", &text)?;
    let fits = resolve.select_world(&[package], Some("fits"))?;
    wit_component::targets(&resolve, fits, wasm, true)
}
