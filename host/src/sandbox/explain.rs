//! Why a component does not fit the contract, in words that name the function.
//!
//! Lives here: asking the WIT tooling, which says more than the linker.
//! Never here: the decision itself: by now the linker has refused.

use super::{wasi, wit};
use anyhow::{Context, bail};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::Resolve;

/// The tooling's reason, or the linker's where the tooling finds none.
pub(super) fn mismatch(wasm: &[u8], linker: &wasmtime::Error) -> String {
    let tooling = match targets(wasm) {
        Err(error) => format!("{error:#}"),
        Ok(()) => String::new(),
    };
    let reason = if tooling.contains("mismatch") || tooling.contains("missing") { tooling } else { format!("{linker:#}") };
    let reason: Vec<_> = reason.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let reason = reason.join(": ");
    reason.split(" (at offset").next().unwrap_or(&reason).to_owned()
}

/// Checks a component against the contract's world plus the WASI stubs, each as the component itself knows it:
/// those have been linked already, and are not what the author wants to hear about.
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
    for (id, package) in guest.packages.iter().filter(|(_, package)| package.name.namespace == "wasi") {
        let mut printer = WitPrinter::default();
        printer.emit_docs(false).print_package(&guest, id, false)?;
        text += &printer.output.to_string();
        text += "\n";
        let _ = package;
    }
    let package = push(&mut resolve, &text)?;
    let fits = resolve.select_world(&[package], Some("fits"))?;
    wit_component::targets(&resolve, fits, wasm, true)
}

fn push(resolve: &mut Resolve, text: &str) -> anyhow::Result<wit_parser::PackageId> {
    resolve.push_str("fits.wit", text).context("the component's own WASI does not read back")
}
