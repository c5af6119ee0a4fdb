//! From bytes to something that can run, or a reason an author can use.
//!
//! Lives here: every check before and after compilation, in the order from cheap to dear.
//! Never here: the manifest against the grant (`grants`), who may publish (releases).

use super::run::Sandbox;
use super::state::State;
use super::wit::ActionPre;
use super::{Limits, explain, manifest_of, wasi};
use crate::guard::{self, Guard};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use wasmparser::{Parser, Payload};
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime::component::types::ComponentItem;

/// Bytes of a component at most.
pub(super) const MOST_BYTES: usize = 32 << 20;
/// How deep components and modules stand inside each other; a Rust guest's modules stand at 2, a composition's at 3.
const DEEPEST: usize = 16;

/// What the operator's grant lets a component link. `call` and `log` are for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// At least one binding is granted.
    pub http: bool,
    /// At least one statement is granted.
    pub records: bool,
}

impl Offer {
    pub(super) const fn index(self) -> usize {
        self.http as usize + 2 * self.records as usize
    }
}

/// A component that is compiled, linked and type-checked: a run of it can end badly only by its own doing.
pub struct Component {
    /// The plugin's name.
    pub name: String,
    /// SHA-256 of the whole file, manifest included.
    pub digest: [u8; 32],
    /// Every interface the binary imports, with the functions it takes from each. This is all it can do.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The text of its `plugin.yml`, if it carries one.
    pub manifest: Option<String>,
    pub(super) pre: ActionPre<State>,
    pub(super) places: OnceLock<Places>,
}

/// Room for the runs of one component, and for those that wait for it.
pub(super) struct Places {
    pub(super) own: Semaphore,
    pub(super) queue: Semaphore,
}

impl Places {
    pub(super) fn of(limits: &Limits) -> Self {
        Self { own: Semaphore::new(limits.concurrent.max(1)), queue: Semaphore::new(limits.waiting) }
    }
}

/// Why bytes did not become a component.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Not WebAssembly at all.
    #[error("this is not WebAssembly; build it with `centralita plugin build`")]
    NotWasm,
    /// The text format.
    #[error("this is WebAssembly text; build a binary component with `centralita plugin build`")]
    Text,
    /// Compiled code, of wasmtime or of the machine.
    #[error("this is native code, which is never accepted; give the `.wasm` file itself")]
    Native,
    /// A module and not a component.
    #[error("this is a core module, not a component; build it for `wasm32-wasip2`")]
    CoreModule,
    /// Over 32 MiB.
    #[error("{bytes} bytes are more than the {MOST_BYTES} a component may have")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It begins well and is broken further on, as after a write that was cut off.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// It asks for something that is not linked.
    #[error(
        "it imports `{0}`, which is not granted: `http` and `records` take a binding or a statement in \
         `plugins.yml`; files, sockets and clocks are never given"
    )]
    UngrantedImport(String),
    /// It was built for another contract.
    #[error("it does not fit `centralita:action@0.1.0`: {0}; build it again with this version's SDK")]
    WrongWorld(String),
    /// It needs more at its start than any run gets.
    #[error("it needs more than a run can have: {0}")]
    TooHungry(String),
    /// The compiler gave up.
    #[error("it does not compile: {0}")]
    CompileFailed(String),
}

/// What of a sandbox is needed to make components, for threads of their own.
#[derive(Clone)]
pub(super) struct Loader {
    pub(super) engine: Engine,
    pub(super) linkers: Arc<[Linker<State>; 4]>,
}

impl Sandbox {
    /// Checks, compiles and links a component, here and now. It takes milliseconds to seconds of CPU: a server uses
    /// [`Sandbox::prepare`].
    ///
    /// # Errors
    /// [`LoadError`], which says what is wrong in words for the plugin's author.
    pub fn load(&self, name: &str, wasm: &[u8], offer: &Offer) -> Result<Component, LoadError> {
        let loader = self.loader();
        vet(wasm, *offer)?;
        let component = loader.compile(wasm)?;
        loader.link(name, wasm, *offer, &component)
    }

    pub(super) fn loader(&self) -> Loader {
        Loader { engine: self.engine.clone(), linkers: self.linkers.clone() }
    }
}

impl Component {
    /// The same code for another release, with a queue of its own.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            name: self.name.clone(),
            digest: self.digest,
            imports: self.imports.clone(),
            manifest: self.manifest.clone(),
            pre: self.pre.clone(),
            places: OnceLock::new(),
        }
    }
}

impl Loader {
    pub(super) fn compile(&self, wasm: &[u8]) -> Result<wasmtime::component::Component, LoadError> {
        // The compiler meets bytes from outside, and has panicked on valid ones before.
        match catch_unwind(AssertUnwindSafe(|| wasmtime::component::Component::from_binary(&self.engine, wasm))) {
            Ok(Ok(component)) => Ok(component),
            Ok(Err(error)) => Err(blame(wasm, format!("{error:#}"))),
            Err(_) => Err(LoadError::CompileFailed("the compiler panicked".into())),
        }
    }

    pub(super) fn link(&self, name: &str, wasm: &[u8], offer: Offer, component: &wasmtime::component::Component) -> Result<Component, LoadError> {
        if let Some(why) = explain::mismatch(wasm) {
            return Err(LoadError::WrongWorld(why));
        }
        let offer = if guard::stands(Guard::Linking) { offer } else { Offer { http: true, records: true } };
        let linked = self.linkers[offer.index()].instantiate_pre(component).and_then(ActionPre::new);
        let pre = linked.map_err(|error| LoadError::WrongWorld(format!("{error:#}")))?;
        let image = component.initialize_copy_on_write_image();
        image.map_err(|error| LoadError::CompileFailed(format!("{error:#}")))?;
        Ok(Component {
            name: name.to_owned(),
            digest: Sha256::digest(wasm).into(),
            imports: imports(&self.engine, component),
            manifest: manifest_of(wasm),
            pre,
            places: OnceLock::new(),
        })
    }
}

/// What can be said against bytes without compiling them: their format, and imports that `offer` does not hold.
///
/// # Errors
/// [`LoadError`], as [`Sandbox::load`].
pub fn vet(wasm: &[u8], offer: Offer) -> Result<(), LoadError> {
    check_format(wasm)?;
    check_imports(wasm, offer)
}

/// Why the engine took no such component: its bytes, its size at the start, or the compiler.
pub(super) fn blame(wasm: &[u8], error: String) -> LoadError {
    if let Err(error) = wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(wasm) {
        return LoadError::Damaged(error.to_string());
    }
    // The pool of instances checks memories, tables and instances while it compiles.
    if error.contains("exceeds the") { LoadError::TooHungry(error) } else { LoadError::CompileFailed(error) }
}

fn check_format(wasm: &[u8]) -> Result<(), LoadError> {
    if wasm.len() > MOST_BYTES && guard::stands(Guard::Size) {
        return Err(LoadError::TooLarge { bytes: wasm.len() });
    }
    if Engine::detect_precompiled(wasm).is_some() || wasm.starts_with(b"\x7fELF") {
        return Err(LoadError::Native);
    }
    if wasm.trim_ascii_start().starts_with(b"(") {
        return Err(LoadError::Text);
    }
    if Parser::is_component(wasm) {
        return Ok(());
    }
    Err(if Parser::is_core_wasm(wasm) { LoadError::CoreModule } else { LoadError::NotWasm })
}

/// Reads the names of the outermost imports and refuses what is not offered, before anything is compiled.
fn check_imports(wasm: &[u8], offer: Offer) -> Result<(), LoadError> {
    let damaged = |error: wasmparser::BinaryReaderError| LoadError::Damaged(error.to_string());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(damaged)? {
            Payload::Version { .. } => {
                depth += 1;
                if depth > DEEPEST && guard::stands(Guard::Nesting) {
                    return Err(LoadError::TooHungry(format!("components inside components more than {DEEPEST} deep")));
                }
            }
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    check_import(import.map_err(damaged)?.name.name, offer)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_import(import: &str, offer: Offer) -> Result<(), LoadError> {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    let offered = match interface {
        "centralita:action/call" | "centralita:action/failures" | "centralita:action/log" => true,
        "centralita:action/http" => offer.http,
        "centralita:action/records" => offer.records,
        wasi => {
            return if wasi::OFFERED.contains(&wasi) || !guard::stands(Guard::Imports) { Ok(()) } else { Err(LoadError::UngrantedImport(import.to_owned())) };
        }
    };
    if !(version == "0.1" || version.starts_with("0.1.")) {
        return Err(LoadError::WrongWorld(format!("it was built for `{import}`")));
    }
    if offered || !guard::stands(Guard::Imports) { Ok(()) } else { Err(LoadError::UngrantedImport(import.to_owned())) }
}

fn imports(engine: &Engine, component: &wasmtime::component::Component) -> BTreeMap<String, Vec<String>> {
    let of_interface = |item: &ComponentItem| match item {
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_))).map(|(function, _)| function.to_owned()).collect()
        }
        _ => Vec::new(),
    };
    let ty = component.component_type();
    ty.imports(engine).map(|(name, import)| (name.to_owned(), of_interface(&import.ty))).collect()
}
