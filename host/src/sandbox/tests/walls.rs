//! Guests that Rust cannot say, against walls of the engine and checks at the door: each is stopped where it should be,
//! and gets through once that one wall is moved.

use super::guests::{QUERY, WIT, component, guest, module};
use super::*;
use crate::guard::{Guard, take_down};
use crate::sandbox::engine::Settings;
use crate::sandbox::load::LoadError;

/// A guest whose table is to grow to twenty-five thousand elements.
fn table() -> Vec<u8> {
    let grow = "(if (i32.eq (table.grow $t (ref.null func) (i32.const 25000)) (i32.const -1)) (then unreachable)) i32.const 1024";
    guest("(table $t 1 funcref)", grow)
}

async fn end_in(sandbox: &Sandbox, wasm: &[u8]) -> Finished {
    let component = sandbox.load("guest", wasm, &ALL).expect("it loads");
    sandbox.run(&component, "a", &Limits::default(), Host::noting(Statements::Answer).0).await.0
}

#[tokio::test]
async fn a_table_is_held_by_its_limit_and_behind_it_by_the_pool() {
    let trapped = |end: Finished| assert!(matches!(&end, Finished::Trap { detail } if detail.contains("unreachable")), "{end:?}");
    let roomy = Sandbox::with(None, Settings { table_elements: 100_000, ..Settings::default() }).expect("an engine");
    trapped(end_in(&SANDBOX, &table()).await);
    trapped(end_in(&roomy, &table()).await);
    let _down = take_down(&[Guard::Table]);
    trapped(end_in(&SANDBOX, &table()).await);
    assert_eq!(end_in(&roomy, &table()).await, Finished::Done);
}

#[test]
fn an_interface_without_a_grant_is_stopped_by_its_name_and_behind_that_by_the_linker() {
    let asks = guest(QUERY, "call $ask i32.const 1024");
    let load = || SANDBOX.load("guest", &asks, &Offer::default()).map(|_| ());
    let named = Err(LoadError::UngrantedImport("centralita:action/records@0.1.0".into()));
    assert_eq!(load(), named);
    {
        let _down = take_down(&[Guard::Linking]);
        assert_eq!(load(), named);
    }
    {
        let _down = take_down(&[Guard::Imports]);
        assert!(matches!(load(), Err(LoadError::WrongWorld(_))), "it is not linked");
    }
    let _down = take_down(&[Guard::Imports, Guard::Linking]);
    assert_eq!(load(), Ok(()));
}

#[test]
fn files_are_in_no_linker_there_is() {
    let wit = format!(
        "package wasi:filesystem@0.2.6; interface preopens {{ ask: func(); }}
         world evil {{ import preopens; include centralita:action/action@0.1.0; }}
         {} }}",
        WIT.replacen("@0.1.0;", "@0.1.0 {", 1)
    );
    let items = r#"(import "wasi:filesystem/preopens@0.2.6" "ask" (func $ask))"#;
    let wasm = component(&wit, "evil", &module("0.1.0", items, "call $ask i32.const 1024"));
    // No guard of ours stands behind the name: there is nothing there to link.
    let _down = take_down(&[Guard::Imports, Guard::Linking]);
    assert!(matches!(SANDBOX.load("guest", &wasm, &ALL), Err(LoadError::WrongWorld(_))));
}

#[test]
fn a_component_has_a_size() {
    let large = with_manifest(&guest("", "i32.const 1024"), &"#".repeat(33 << 20));
    let load = || SANDBOX.load("guest", &large, &ALL).map(|_| ());
    assert_eq!(load(), Err(LoadError::TooLarge { bytes: large.len() }));
    let _down = take_down(&[Guard::Size]);
    assert_eq!(load(), Ok(()));
}

/// Empty components, each inside another.
fn nested(deep: usize) -> Vec<u8> {
    const HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    let leb = |mut number: usize| {
        let mut bytes = Vec::new();
        loop {
            let byte = u8::try_from(number & 0x7f).expect("seven bits");
            number >>= 7;
            bytes.push(if number == 0 { byte } else { byte | 0x80 });
            if number == 0 {
                return bytes;
            }
        }
    };
    let mut sizes = vec![HEADER.len()];
    for _ in 0..deep {
        let inner = *sizes.last().expect("one");
        sizes.push(HEADER.len() + 1 + leb(inner).len() + inner);
    }
    let mut wasm = Vec::new();
    for inner in sizes.iter().rev().skip(1) {
        wasm.extend(HEADER);
        wasm.push(4);
        wasm.extend(leb(*inner));
    }
    wasm.extend(HEADER);
    wasm
}

#[test]
fn components_inside_components_go_only_so_deep() {
    let load = |deep| SANDBOX.load("guest", &nested(deep), &ALL).map(|_| ()).expect_err("it is no plugin");
    for deep in [16, 100, 1000, 100_000] {
        assert!(matches!(load(deep), LoadError::TooHungry(why) if why.contains("more than 16 deep")), "{deep}");
    }
    assert!(matches!(load(10), LoadError::WrongWorld(_)));
    // Without the guard the compiler is given what is nested deeper: here as deep as a stack can bear it.
    let _down = take_down(&[Guard::Nesting]);
    assert!(!matches!(load(50), LoadError::TooHungry(_)));
}

#[test]
fn types_inside_types_go_only_as_deep_as_the_engine_lets_them() {
    // No guard of ours: the engine counts. What is proved is that it says so instead of dying of it.
    for deep in [200, 20_000] {
        let types: String = (1..deep).map(|n| format!("(type $t{n} (list $t{}))", n - 1)).collect();
        let wat = format!(
            r#"(component (import "centralita:action/call@0.1.0" (instance (type $t0 (list string)) {types} (export "now" (func (result $t{}))))))"#,
            deep - 1
        );
        let wasm = wat::parse_str(&wat).expect("text");
        assert!(SANDBOX.load("guest", &wasm, &ALL).is_err(), "{deep}");
    }
}

#[test]
fn random_bytes_are_refused_whatever_they_begin_with() {
    let mut state: u32 = 1;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    for round in 0..500 {
        let mut bytes: Vec<u8> = (0..200).map(|_| random()).collect();
        if round % 2 == 0 {
            bytes[..8].copy_from_slice(&[0, b'a', b's', b'm', 0x0d, 0, 1, 0]);
        }
        assert!(SANDBOX.load("guest", &bytes, &ALL).is_err(), "{bytes:?}");
    }
}
