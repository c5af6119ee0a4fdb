//! Guests from text: a core module in WAT, made a component of the contract's world.

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// The contract itself.
pub(super) const WIT: &str = include_str!("../../../../wit/action.wit");

/// A component of a world, whose core module is this text.
pub(super) fn component(wit: &str, world: &str, wat: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).expect("the guest's text");
    let mut resolve = Resolve::default();
    let package = resolve.push_str("guest.wit", wit).expect("the guest's WIT");
    let world = resolve.select_world(&[package], Some(world)).expect("the guest's world");
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, true).expect("metadata");
    let encoder = ComponentEncoder::default().validate(true).module(&module).map(|encoder| encoder.encode());
    encoder.expect("a module of that world").expect("a component")
}

/// A guest of our world. `items` are imports and functions; `body` is its action, which leaves a pointer to its
/// result. Memory is zero at the start, and a zeroed result is `ok`.
pub(super) fn guest(items: &str, body: &str) -> Vec<u8> {
    component(WIT, "action", &module("0.1.0", items, body))
}

/// The text of such a core module, for a version of the contract.
pub(super) fn module(version: &str, items: &str, body: &str) -> String {
    format!(
        r#"(module
            {items}
            (memory (export "memory") 2)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (data (i32.const 100) "clients\n\1b[2J")
            (func (export "centralita:action/actions@{version}#run") (param i32 i32) (result i32) {body}))"#
    )
}

/// `query("clients", [])`, its result at 512.
pub(super) const QUERY: &str = r#"
    (import "centralita:action/records@0.1.0" "query" (func $query (param i32 i32 i32 i32 i32)))
    (func $ask (call $query (i32.const 100) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 512)))"#;
