//! Bytes that must not load, and what their author is told.

use super::guests::{QUERY, WIT, component, guest, module};
use super::*;

#[track_caller]
fn refused(wasm: &[u8], offer: Offer) -> LoadError {
    match SANDBOX.load("guest", wasm, &offer) {
        Err(error) => error,
        Ok(_) => panic!("it loaded"),
    }
}

fn good() -> Vec<u8> {
    guest("", "i32.const 1024")
}

#[test]
fn what_is_no_component_is_called_by_its_name() {
    assert_eq!(refused(b"", ALL), LoadError::NotWasm);
    assert_eq!(refused(b"#!/bin/sh", ALL), LoadError::NotWasm);
    assert_eq!(refused(b" (component)", ALL), LoadError::Text);
    assert_eq!(refused(&wat::parse_str("(module)").expect("a module"), ALL), LoadError::CoreModule);
    assert_eq!(refused(&vec![0; (32 << 20) + 1], ALL), LoadError::TooLarge { bytes: (32 << 20) + 1 });
    let native = SANDBOX.engine.precompile_component(&good()).expect("compiles");
    assert_eq!(refused(&native, ALL), LoadError::Native);
}

#[test]
fn a_damaged_file_is_refused_wherever_it_is_cut_or_changed() {
    let good = good();
    for end in (9..good.len()).step_by(37) {
        refused(&good[..end], ALL);
    }
    for at in (8..good.len()).step_by(53) {
        let mut bent = good.clone();
        bent[at] ^= 0xff;
        drop(SANDBOX.load("guest", &bent, &ALL)); // Some bytes are names nobody reads: no panic is the claim.
    }
    assert!(matches!(refused(&good[..good.len() / 2], ALL), LoadError::Damaged(_)));
}

#[test]
fn an_interface_without_a_grant_is_not_linked() {
    let asks = guest(QUERY, "call $ask i32.const 1024");
    let name = LoadError::UngrantedImport("centralita:action/records@0.1.0".into());
    assert_eq!(refused(&asks, Offer::default()), name);
    assert_eq!(refused(&asks, Offer { http: true, records: false }), name);
    let component = SANDBOX.load("guest", &asks, &Offer { http: false, records: true }).expect("granted");
    assert_eq!(component.imports["centralita:action/records@0.1.0"], ["query"]);
    assert!(!component.imports.keys().any(|import| import.contains("/http@")));
}

#[test]
fn files_and_clocks_are_refused_by_name() {
    for interface in ["filesystem/preopens", "clocks/wall-clock", "clocks/monotonic-clock", "sockets/tcp", "random/random"] {
        let (package, interface) = interface.split_once('/').expect("two parts");
        let wit = format!(
            "package wasi:{package}@0.2.6; interface {interface} {{ ask: func(); }}
             world evil {{ import {interface}; include centralita:action/action@0.1.0; }}
             {}",
            nested(WIT)
        );
        let items = format!(r#"(import "wasi:{package}/{interface}@0.2.6" "ask" (func $ask))"#);
        let wasm = component(&wit, "evil", &module("0.1.0", &items, "call $ask i32.const 1024"));
        assert_eq!(refused(&wasm, ALL), LoadError::UngrantedImport(format!("wasi:{package}/{interface}@0.2.6")));
    }
}

/// The contract as a package inside another file.
fn nested(wit: &str) -> String {
    format!("{} }}", wit.replacen("@0.1.0;", "@0.1.0 {", 1))
}

#[test]
fn a_world_with_a_case_more_names_the_function() {
    let later = WIT.replace("json(string),", "json(string), photo(list<u8>),");
    let items = r#"(import "centralita:action/call@0.1.0" "slot" (func $slot (param i32 i32 i32)))"#;
    let body = "i32.const 100 i32.const 7 i32.const 512 call $slot i32.const 1024";
    let LoadError::WrongWorld(why) = refused(&component(&later, "action", &module("0.1.0", items, body)), ALL) else {
        panic!("another reason");
    };
    assert!(why.contains("centralita:action/call") && why.contains("expected 7 cases, found 6"), "{why}");
}

#[test]
fn another_version_and_another_export_do_not_fit() {
    let next = component(&WIT.replace("@0.1.0", "@0.2.0"), "action", &module("0.2.0", LOG_2, "call $log i32.const 1024"));
    let LoadError::WrongWorld(why) = refused(&next, ALL) else { panic!("another reason") };
    assert!(why.contains("centralita:action/log@0.2.0") || why.contains("centralita:action/failures@0.2.0"), "{why}");

    let wit = WIT.replace("run: func(action: string)", "run: func(action: string, again: bool)");
    let wat = module("0.1.0", "", "i32.const 1024").replace("(param i32 i32) (result i32) i32.const", "(param i32 i32 i32) (result i32) i32.const");
    let LoadError::WrongWorld(why) = refused(&component(&wit, "action", &wat), ALL) else { panic!("another reason") };
    assert!(why.contains("`run`") && why.contains("parameters"), "{why}");

    let nothing = component("package a:b; world nothing {}", "nothing", "(module)");
    assert!(matches!(refused(&nothing, ALL), LoadError::WrongWorld(_)));
}

const LOG_2: &str = r#"
    (import "centralita:action/log@0.2.0" "write" (func $write (param i32 i32 i32 i32 i32 i32)))
    (func $log (call $write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))"#;

#[test]
fn a_component_that_could_never_start_is_refused_when_it_loads() {
    let big = module("0.1.0", "", "i32.const 1024").replace("\"memory\") 2)", "\"memory\") 1025)");
    let error = refused(&component(WIT, "action", &big), ALL);
    assert!(matches!(error, LoadError::TooHungry(_)), "{error}");
}
