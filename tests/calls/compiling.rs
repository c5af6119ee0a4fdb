//! Components are compiled by the program itself in a process of its own, and what it has compiled is kept under a key.

use crate::house::{Folder, components};
use crate::serving::program;
use centralita::sandbox::{Cache, LoadError, Offer, Sandbox};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn sandbox(cache: Option<&Path>, compiler: &Path) -> Sandbox {
    let keys = centralita::seal::Keys::from_bytes(&[7; 32]);
    let cache = cache.map(|folder| Cache::open(folder, Arc::new(move |parts: &[&[u8]]| keys.mac(centralita::seal::Purpose::Artifact, parts))).unwrap());
    Sandbox::new(cache).unwrap().compiling_in(Some(compiler.to_owned()))
}

async fn greeting() -> Vec<u8> {
    std::fs::read(components().await.join("contextual-greeting.wasm")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_compiled_in_a_process_of_its_own_runs_and_a_hungry_one_is_named() {
    let sandbox = sandbox(None, program());
    let component = sandbox.prepare("greeting", &greeting().await, &Offer::default()).await.unwrap();
    assert!(component.imports.contains_key("centralita:action/call@0.1.0"));
    let hungry = wat::parse_str("(component (core module $m (memory 2000)) (core instance (instantiate $m)))").unwrap();
    let error = sandbox.prepare("hungry", &hungry, &Offer::default()).await.err().unwrap();
    assert!(matches!(error, LoadError::TooHungry(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_code_needs_no_compiler_and_changed_code_is_never_taken() {
    let folder = Folder::new();
    let (kept, nobody) = (folder.0.join("compiled"), PathBuf::from("/nowhere/centralita"));
    let wasm = greeting().await;
    sandbox(Some(&kept), program()).prepare("greeting", &wasm, &Offer::default()).await.unwrap();
    sandbox(Some(&kept), &nobody).prepare("greeting", &wasm, &Offer::default()).await.unwrap();
    let file = std::fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = sandbox(Some(&kept), &nobody).prepare("greeting", &wasm, &Offer::default()).await.err().unwrap();
    assert!(error.to_string().contains("does not start"), "{error}");
}
