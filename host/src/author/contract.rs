//! The contract, function by function: what a component asks for and offers against what this host has.
//!
//! Lives here: reading both from binaries, and saying in an author's words where they part.
//! Never here: grants.

use wit_component::DecodedWasm;
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, WorldItem};

/// One interface of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// As the binary names it: `centralita:action/http@0.1.0`.
    pub name: String,
    /// Its functions with their types, by name.
    pub functions: Vec<(String, String)>,
}

/// What a component imports, and what it exports.
pub(super) fn interfaces(wasm: &[u8]) -> anyhow::Result<(Vec<Interface>, Vec<Interface>)> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(wasm)? else { anyhow::bail!("not a component") };
    let world = &resolve.worlds[world];
    let read = |items: wit_parser::IndexMap<wit_parser::WorldKey, WorldItem>| {
        let items = items.iter().map(|(key, item)| {
            let functions = match item {
                WorldItem::Interface { id, .. } => functions(&resolve, &resolve.interfaces[*id].functions),
                WorldItem::Function(function) => vec![(function.name.clone(), signature(&resolve, function))],
                WorldItem::Type { .. } => Vec::new(),
            };
            Interface { name: resolve.name_world_key(key), functions }
        });
        items.collect::<Vec<_>>()
    };
    Ok((read(world.imports.clone()), read(world.exports.clone())))
}

/// Where a component and this host's contract part; empty if they fit.
///
/// # Errors
/// If the component cannot be read.
pub fn misfits(wasm: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut contract = Resolve::default();
    contract.push_str("action.wit", crate::plugins_build::CONTRACT)?;
    let (imports, exports) = interfaces(wasm)?;
    let mut wrong = Vec::new();
    for interface in imports.iter().filter(|interface| interface.name.starts_with("centralita:")) {
        against(&contract, interface, "imports", &mut wrong);
    }
    match exports.iter().find(|interface| interface.name.starts_with("centralita:action/actions")) {
        Some(interface) => against(&contract, interface, "exports", &mut wrong),
        None => wrong.push("it exports no `actions.run`, so no action of it can be run; name its actions with `centralita_plugin::actions!`".into()),
    }
    Ok(wrong)
}

fn against(contract: &Resolve, interface: &Interface, verb: &str, wrong: &mut Vec<String>) {
    let (path, version) = interface.name.split_once('@').unwrap_or((&interface.name, ""));
    let short = path.rsplit('/').next().unwrap_or(path);
    let known = contract.interfaces.iter().find_map(|(id, known)| (known.name.as_deref() == Some(short)).then_some((id, known)));
    let package = known.and_then(|(_, known)| known.package).map(|id| &contract.packages[id].name);
    let offered = package.and_then(|package| package.version.as_ref()).map(ToString::to_string).unwrap_or_default();
    let Some((_, known)) = known.filter(|_| path.starts_with("centralita:action/")) else {
        wrong.push(format!(
            "it {verb} `{}`, which this host does not know; it was built for a later contract: update the host, or build it with this version's SDK",
            interface.name
        ));
        return;
    };
    let track = |version: &str| version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    if track(version) != track(&offered) {
        wrong.push(format!("it {verb} `{short}` of version {version}, this host has {offered}: build it again with this version's SDK"));
        return;
    }
    let offers = functions(contract, &known.functions);
    for (name, signature) in &interface.functions {
        match offers.iter().find(|(known, _)| known == name) {
            None => wrong.push(format!(
                "it {verb} `{short}.{name}`, which {offered} of the contract does not have (it has {}): update the host, or build it with this version's SDK",
                offers.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )),
            Some((_, known)) if known != signature => {
                wrong
                    .push(format!("it {verb} `{short}.{name}` as `{signature}`, the contract {offered} has `{known}`: build it again with this version's SDK"));
            }
            Some(_) => {}
        }
    }
}

fn functions(resolve: &Resolve, functions: &wit_parser::IndexMap<String, Function>) -> Vec<(String, String)> {
    functions.iter().map(|(name, function)| (name.clone(), signature(resolve, function))).collect()
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameters: Vec<String> = function.params.iter().map(|param| format!("{}: {}", param.name, ty(resolve, &param.ty))).collect();
    let result = function.result.as_ref().map(|result| format!(" -> {}", ty(resolve, result))).unwrap_or_default();
    format!("({}){result}", parameters.join(", "))
}

/// A type in the words of WIT, whatever it is made of spelled out: names alone would hide a changed record.
fn ty(resolve: &Resolve, of: &Type) -> String {
    let inner = |of: &Option<Type>| of.as_ref().map_or_else(|| "_".to_owned(), |of| ty(resolve, of));
    let Type::Id(id) = of else { return format!("{of:?}").to_lowercase() };
    match &resolve.types[*id].kind {
        TypeDefKind::Type(of) => ty(resolve, of),
        TypeDefKind::Record(record) => {
            let fields: Vec<_> = record.fields.iter().map(|field| format!("{}: {}", field.name, ty(resolve, &field.ty))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        TypeDefKind::Variant(variant) => {
            let cases: Vec<_> =
                variant.cases.iter().map(|case| case.ty.as_ref().map_or(case.name.clone(), |of| format!("{}({})", case.name, ty(resolve, of)))).collect();
            cases.join(" | ")
        }
        TypeDefKind::Enum(all) => all.cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>().join(" | "),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", tuple.types.iter().map(|of| ty(resolve, of)).collect::<Vec<_>>().join(", ")),
        TypeDefKind::List(of) => format!("list<{}>", ty(resolve, of)),
        TypeDefKind::Option(of) => format!("option<{}>", ty(resolve, of)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", inner(&result.ok), inner(&result.err)),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => resolve.types[*id].name.clone().unwrap_or_default(),
        other => resolve.types[*id].name.clone().unwrap_or_else(|| other.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wit_component::{ComponentEncoder, StringEncoding};

    /// What is wrong with a component that takes this `log` from a package of this version.
    fn wrong(version: &str, log: &str, imports: &str) -> Vec<String> {
        let wit = format!(
            "package centralita:action@{version};\ninterface log {{ {log} }}\ninterface failures {{ record failure {{ kind: string, detail: string }} }}\n\
             interface actions {{ use failures.{{failure}}; run: func(action: string) -> result<_, failure>; }}\n\
             world action {{ import log; export actions; }}"
        );
        let module = format!(
            "(module {imports} (memory (export \"memory\") 1)
               (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 64))
               (func (export \"centralita:action/actions@{version}#run\") (param i32 i32) (result i32) (i32.const 0)))"
        );
        let mut module = wat::parse_str(module.replace("LOG", &format!("centralita:action/log@{version}"))).expect("text");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("guest.wit", &wit).expect("a contract");
        let world = resolve.select_world(&[package], Some("action")).expect("a world");
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, true).expect("metadata");
        let component = ComponentEncoder::default().module(&module).map(|encoder| encoder.encode()).expect("a module").expect("a component");
        misfits(&component).expect("it can be read")
    }

    const WRITE: &str = r#"(import "LOG" "write" (func (param i32)))"#;

    #[test]
    fn a_function_of_another_type_is_named_with_both_types() {
        let said = wrong("0.1.0", "write: func(level: u32);", WRITE);
        assert_eq!(
            said,
            [
                "it imports `log.write` as `(level: u32)`, the contract 0.1.0 has `(level: string, code: string, fields: list<tuple<string, string>>)`: build it again with this version's SDK"
            ]
        );
    }

    #[test]
    fn a_function_of_a_later_contract_is_named_with_what_there_is() {
        let said = wrong("0.1.0", "shout: func(level: u32);", &WRITE.replace("write", "shout"));
        assert!(said.len() == 1 && said[0].contains("`log.shout`, which 0.1.0 of the contract does not have (it has `write`)"), "{said:?}");
    }

    #[test]
    fn another_version_is_named_once() {
        let said = wrong("0.2.0", "write: func(level: u32);", WRITE);
        assert_eq!(said[0], "it imports `log` of version 0.2.0, this host has 0.1.0: build it again with this version's SDK");
    }
}
