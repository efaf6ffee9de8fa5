//! `cargo xtask bench size`: what travels, and what each part of the program is made of, crate by crate.

use std::collections::BTreeMap;
use std::path::Path;

use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::{Result, build, compress, setup, workspace};

/// What a function of the standard library that names no other crate counts as.
const STANDARD: &str = "standard library";
/// Crates below this share are added up.
const SHOWN_BYTES: usize = 4_000;

/// Builds the release app and prints its sizes: with brotli what travels, and code by crate before wasm-opt, which
/// takes names away. Writes `target/bench/size.json`.
///
/// # Errors
/// When the download is over its budget, or a tool fails.
pub fn bench() -> Result<()> {
    setup::setup(setup::Need::Build)?;
    build::app()?;
    let mut told = BTreeMap::new();
    for path in workspace::files_below(&workspace::app_target().join("split"))? {
        if path.extension().is_some_and(|suffix| suffix == "wasm") {
            let part = part_name(&path);
            let program = workspace::read(&path)?;
            let made_of =
                by_crate(&program).map_err(|error| format!("{}: {error}", path.display()))?;
            print_part(&part, &made_of);
            told.insert(part, made_of);
        }
    }
    let json = serde_json::to_string_pretty(&told).map_err(|error| error.to_string())?;
    let file = workspace::root().join("target/bench/size.json");
    workspace::write(&file, json.as_bytes())?;
    compress::check_budget(&workspace::dist())?;
    compress::keep_budget(&workspace::dist())
}

fn part_name(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match name.strip_prefix("split_") {
        Some(part) => part.to_owned(),
        None if name.starts_with("chunk") => format!("what parts share, {name}"),
        None => "start".to_owned(),
    }
}

fn print_part(part: &str, made_of: &BTreeMap<String, usize>) {
    let total: usize = made_of.values().sum();
    println!("{total:>9} bytes of code, before wasm-opt: {part}");
    let mut largest: Vec<(&String, &usize)> = made_of.iter().collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(**bytes));
    let (shown, small): (Vec<_>, Vec<_>) = largest
        .into_iter()
        .partition(|(_, bytes)| **bytes >= SHOWN_BYTES);
    for (name, bytes) in shown {
        println!("{bytes:>18}  {name}");
    }
    let rest: usize = small.iter().map(|(_, bytes)| **bytes).sum();
    println!("{rest:>18}  {} others", small.len());
}

/// Bytes of code by the crate of each function.
fn by_crate(program: &[u8]) -> Result<BTreeMap<String, usize>, wasmparser::BinaryReaderError> {
    let (mut imported, mut bodies, mut names) = (0, Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let is_function = matches!(import?.ty, wasmparser::TypeRef::Func(_));
                    imported += u32::from(is_function);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::CustomSection(section) => names.extend(function_names(section.as_known())),
            _ => {}
        }
    }
    let mut made_of = BTreeMap::new();
    for (index, bytes) in (imported..).zip(bodies) {
        let symbol = names.get(&index).copied().unwrap_or_default();
        let name = format!("{:#}", rustc_demangle::demangle(symbol));
        *made_of.entry(crate_of(&name).to_owned()).or_default() += bytes;
    }
    Ok(made_of)
}

/// The functions a section names, by index; one that cannot be read has no name.
fn function_names(section: KnownCustom<'_>) -> Vec<(u32, &str)> {
    let KnownCustom::Name(subsections) = section else {
        return Vec::new();
    };
    let functions = subsections
        .into_iter()
        .filter_map(|subsection| match subsection {
            Ok(Name::Function(functions)) => Some(functions),
            _ => None,
        });
    let named = functions.flatten().flatten();
    named
        .map(|function| (function.index, function.name))
        .collect()
}

/// The crate a function is there for: one of our own where it names one, else the first that is not the standard library.
fn crate_of(name: &str) -> &str {
    let words = name.split(|character: char| {
        !(character.is_alphanumeric() || character == '_' || character == ':')
    });
    let crates = words.filter_map(|word| word.split_once("::").map(|(first, _)| first));
    let others: Vec<&str> = crates
        .filter(|name| !matches!(*name, "" | "core" | "alloc" | "std" | "Self"))
        .collect();
    let own = others.iter().find(|name| name.starts_with("tournee"));
    own.or(others.first()).copied().unwrap_or(STANDARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_counts_for_our_crate_before_others_and_for_others_before_the_standard_library() {
        for (name, expected) in [
            (
                "tournee_sync::device::desk::Desk<P>::open::{{closure}}",
                "tournee_sync",
            ),
            ("<F as tachys::view::Render>::build", "tachys"),
            (
                "<alloc::sync::Arc<str> as tachys::html::Value>::build",
                "tachys",
            ),
            (
                "core::ptr::drop_in_place<alloc::vec::Vec<tournee_domain::Client>>",
                "tournee_domain",
            ),
            (
                "<serde_json::de::Read as serde::X<tournee::state::Known>>::next",
                "tournee",
            ),
            (
                "core::ops::function::FnOnce::call_once{{vtable.shim}}",
                STANDARD,
            ),
            ("memcpy", STANDARD),
            ("", STANDARD),
        ] {
            assert_eq!(crate_of(name), expected, "{name}");
        }
    }

    #[test]
    fn code_is_counted_by_the_names_of_its_functions() {
        // (module (import "a" "b" (func)) (func $memcpy) (func $tournee::x nop)), with a name section.
        let program = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x07\x01\x01a\x01b\0\0\
            \x03\x03\x02\0\0\
            \x0a\x08\x02\x02\0\x0b\x03\0\x01\x0b\
            \0\x1d\x04name\x01\x16\x02\x01\x06memcpy\x02\x0btournee::xy";
        let made_of = by_crate(program).unwrap();
        let found: Vec<(&str, usize)> = made_of
            .iter()
            .map(|(name, bytes)| (name.as_str(), *bytes))
            .collect();
        assert_eq!(found, [(STANDARD, 2), ("tournee", 3)]);
        assert!(by_crate(b"\0asm\x01\0\0\0\x0a\x09\x01").is_err());
    }
}
