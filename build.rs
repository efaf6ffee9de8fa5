//! Turns `src/locales/fr.json` and `src/locales/en.json` into typed functions (docs/decisions/0003-texts.md).
//!
//! A key becomes a method of `Texts`. A text with `{name}` takes `name: &str`, in the order of the French text; a text given as `{"one": …, "other": …}`
//! takes `n: usize` and chooses by the language's rule. A key that one language lacks, or placeholders that differ,
//! stop the build and are named.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (french, english) = (read("fr"), read("en"));
    let missing: Vec<_> = french
        .keys()
        .filter(|key| !english.contains_key(*key))
        .map(|key| format!("en.json lacks « {key} »"))
        .chain(
            english
                .keys()
                .filter(|key| !french.contains_key(*key))
                .map(|key| format!("fr.json lacks « {key} »")),
        )
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));

    let mut code = String::from("impl Texts {\n");
    for (key, text) in &french {
        method(&mut code, key, text, &english[key]);
    }
    code.push_str("}\n");
    let output =
        PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("texts.rs");
    fs::write(output, code).expect("OUT_DIR can be written");
}

fn read(language: &str) -> Map<String, Value> {
    let path = format!("src/locales/{language}.json");
    println!("cargo::rerun-if-changed={path}");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn method(code: &mut String, key: &str, french: &Value, english: &Value) {
    let forms = [(french, "Fr"), (english, "En")]
        .map(|(value, language)| (Forms::of(key, value), language));
    let names = forms[0].0.placeholders();
    let sorted = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let english_names = sorted(&forms[1].0.placeholders());
    assert_eq!(
        sorted(&names),
        english_names,
        "« {key} »: the two languages use different placeholders"
    );
    let counted = matches!(forms[0].0, Forms::Counted { .. });
    assert_eq!(
        counted,
        matches!(forms[1].0, Forms::Counted { .. }),
        "« {key} »: counted in one language only"
    );

    let mut arguments = String::new();
    if counted {
        arguments.push_str(", n: usize");
    }
    for name in names.iter().filter(|name| !(counted && **name == "n")) {
        write!(arguments, ", {name}: &str").expect("a string takes everything");
    }
    let plain = names.is_empty() && !counted;
    let result = if plain { "&'static str" } else { "String" };
    let comment = forms[0].0.any().replace('\n', " ");
    writeln!(
        code,
        "    /// {comment}\n    pub fn {key}(self{arguments}) -> {result} {{"
    )
    .expect("a string takes everything");
    if counted && names.contains(&"n") {
        code.push_str(
            "        let n_text = self.integer(n);\n        let shown = n_text.as_str();\n",
        );
    }
    code.push_str("        match self.0 {\n");
    for (form, language) in &forms {
        let body = match form {
            Forms::Plain(text) if plain => format!("{text:?}"),
            Forms::Plain(text) => pieces(text, false),
            Forms::Counted { one, other } if one == other => pieces(other, true),
            Forms::Counted { one, other } => {
                // French counts 0 and 1 as one; English only 1.
                let rule = if *language == "Fr" { "n < 2" } else { "n == 1" };
                format!(
                    "if {rule} {{ {} }} else {{ {} }}",
                    pieces(one, true),
                    pieces(other, true)
                )
            }
        };
        writeln!(code, "            Language::{language} => {body},")
            .expect("a string takes everything");
    }
    code.push_str("        }\n    }\n");
}

enum Forms {
    Plain(String),
    Counted { one: String, other: String },
}

impl Forms {
    fn of(key: &str, value: &Value) -> Self {
        let text = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("« {key} » is not a text"))
                .to_owned()
        };
        match value {
            Value::Object(forms) => {
                let form = |name| {
                    text(
                        forms
                            .get(name)
                            .unwrap_or_else(|| panic!("« {key} » lacks « {name} »")),
                    )
                };
                Self::Counted {
                    one: form("one"),
                    other: form("other"),
                }
            }
            value => Self::Plain(text(value)),
        }
    }

    fn any(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Counted { other: text, .. } => text,
        }
    }

    /// Names in the order of their first appearance.
    fn placeholders(&self) -> Vec<&str> {
        let texts: &[&String] = match self {
            Self::Plain(text) => &[text],
            Self::Counted { one, other } => &[one, other],
        };
        let mut names = Vec::new();
        for name in texts
            .iter()
            .flat_map(|text| text.split('{').skip(1))
            .filter_map(|rest| rest.split('}').next())
        {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// `"a {name} b"` as `["a ", name, " b"].concat()`.
fn pieces(text: &str, counted: bool) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .unwrap_or_else(|| panic!("« {text} »: a brace is not closed"));
        parts.push(format!("{before:?}"));
        parts.push(if counted && name == "n" {
            "shown".to_owned()
        } else {
            name.to_owned()
        });
        rest = after;
    }
    parts.push(format!("{rest:?}"));
    parts.retain(|part| part != "\"\"");
    format!("[{}].concat()", parts.join(", "))
}
