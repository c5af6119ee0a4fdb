//! Names, files and lines of a component, kept beside it under its digest: what runs holds none of them.
//!
//! Lives here: keeping the copy that has them, and reading in it where a crashed guest stood.
//! Never here: the sandbox; nothing of a guest's debugging sections is read where calls are served (`serve`).

use crate::seal::hex;
use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use wasmparser::{Parser, Payload};

/// The folder beside the components.
const FOLDER: &str = ".symbols";
/// Copies kept of each plugin: those of the last builds, whose traps may still be in a log.
const KEPT: usize = 8;

/// A place in the author's sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function, if its name is known.
    pub function: Option<String>,
    /// The file and the line in it, if they are known.
    pub file: Option<(String, u32)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.function.as_deref().unwrap_or("?");
        match &self.file {
            Some((file, line)) => {
                let here = std::env::current_dir().ok().and_then(|here| Path::new(file).strip_prefix(here).ok().map(Path::to_owned));
                write!(f, "{function} at {}:{line}", here.as_deref().unwrap_or_else(|| Path::new(file)).display())
            }
            None => write!(f, "{function}"),
        }
    }
}

/// Where the symbols of a component are that lies in `components`.
fn path(components: &Path, name: &str, digest: &[u8; 32]) -> PathBuf {
    components.join(FOLDER).join(name).join(format!("{}.wasm", hex(digest)))
}

/// Keeps the copy with symbols, and drops those of builds long gone.
pub(super) fn keep(components: &Path, name: &str, digest: &[u8; 32], symbols: &[u8]) -> io::Result<()> {
    let path = path(components, name, digest);
    super::replace(&path, symbols)?;
    let Some(folder) = path.parent() else { return Ok(()) };
    let age = |entry: &std::fs::DirEntry| entry.metadata().and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut all: Vec<_> = std::fs::read_dir(folder)?.flatten().collect();
    all.sort_by_key(|entry| std::cmp::Reverse(age(entry)));
    for old in all.into_iter().skip(KEPT) {
        // Another build may have been quicker.
        let _ = std::fs::remove_file(old.path());
    }
    Ok(())
}

/// Where a guest stood, by the places in its component that a crash left (`Spent::frames`), innermost first. Empty where no
/// symbols of exactly this component are kept.
pub fn places(components: &Path, name: &str, digest: &[u8; 32], frames: &[usize]) -> Vec<Place> {
    if frames.is_empty() {
        return Vec::new();
    }
    std::fs::read(path(components, name, digest)).map(|symbols| own(places_in(&symbols, frames))).unwrap_or_default()
}

/// The places that are the author's own: without the standard library's, other packages' and the SDK's. All of them where
/// none is.
pub fn own(places: Vec<Place>) -> Vec<Place> {
    let of = |place: &Place, parts: &[&str]| place.file.as_ref().is_none_or(|(file, _)| parts.iter().any(|part| file.contains(part)));
    let mut own: Vec<Place> = places.iter().filter(|place| !of(place, &["/rustc/", "/rustlib/", "/registry/src/"])).cloned().collect();
    // The SDK calls the action, and is called by it; below the call there is only what the macro writes.
    let called = own.iter().rposition(|place| of(place, &["plugins/sdk/src/action.rs"])).unwrap_or(own.len());
    own.truncate(called);
    own.retain(|place| !of(place, &["plugins/sdk/src/"]));
    if own.is_empty() { places } else { own }
}

/// As [`places`], with the copy that has symbols at hand.
pub fn places_in(symbols: &[u8], frames: &[usize]) -> Vec<Place> {
    if frames.is_empty() {
        return Vec::new();
    }
    // What ran was this, and its manifest after it.
    let component = super::stripped(symbols);
    let (running, known) = (modules(&component), modules(symbols));
    let mut places = Vec::new();
    for frame in frames {
        let Some((index, module)) = running.iter().enumerate().find(|(_, module)| module.code.contains(frame)) else { continue };
        // The code is the same in both; only what stands around it is not.
        let Some(context) = known.get(index).and_then(|module| module.context()) else { continue };
        in_module(&context, (frame - module.code.start) as u64, &mut places);
    }
    places
}

type Reader<'a> = EndianSlice<'a, LittleEndian>;

fn in_module(context: &Context<Reader<'_>>, at: u64, places: &mut Vec<Place>) {
    let Ok(mut frames) = context.find_frames(at).skip_all_loads() else { return };
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
        let function = name.map(|name| format!("{:#}", rustc_demangle::demangle(&name)));
        let file = frame.location.and_then(|place| Some((place.file?.to_owned(), place.line.unwrap_or_default())));
        places.push(Place { function, file });
    }
}

/// A module inside a component.
#[derive(Default)]
struct Module<'a> {
    code: Range<usize>,
    sections: BTreeMap<&'a str, &'a [u8]>,
}

impl<'a> Module<'a> {
    fn context(&self) -> Option<Context<Reader<'a>>> {
        let section = |id: SectionId| Ok::<_, ()>(EndianSlice::new(self.sections.get(id.name()).copied().unwrap_or_default(), LittleEndian));
        Context::from_dwarf(Dwarf::load(section).ok()?).ok()
    }
}

/// The modules of a component, as deep as they are, in the order they come.
fn modules(component: &[u8]) -> Vec<Module<'_>> {
    let mut modules = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::ModuleSection { .. }) => modules.push(Module::default()),
            Ok(Payload::CodeSectionStart { unchecked_range: range, .. }) => {
                if let Some(module) = modules.last_mut() {
                    module.code = usize::try_from(range.start).unwrap_or_default()..usize::try_from(range.end).unwrap_or_default();
                }
            }
            Ok(Payload::CustomSection(section)) if section.name().starts_with(".debug_") => {
                if let Some(module) = modules.last_mut() {
                    module.sections.insert(section.name(), section.data());
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    modules
}
