//! What a language costs, said before a plugin is made in it.
//!
//! Lives here: the figures, with where they come from.
//! Never here: limits.

use crate::plugins_build::Language;

/// The figures of one language: the plugin that `plugin new` makes.
struct Price {
    size: &'static str,
    build: &'static str,
    compile: &'static str,
    run: &'static str,
    memory: &'static str,
}

const fn price(language: Language) -> Price {
    match language {
        Language::Rust => Price { size: "47 KB", build: "2 s", compile: "0.1 s", run: "0.02 ms", memory: "1.1 MiB" },
        Language::JavaScript => Price { size: "12 MB", build: "28 s", compile: "25 s", run: "6.7 ms", memory: "9.1 MiB" },
        Language::Python => Price { size: "19 MB", build: "13 s", compile: "40 s", run: "13 ms", memory: "13.2 MiB" },
    }
}

/// Where the figures come from.
const SOURCE: &str = "The plugin that `plugin new` makes, on 2 cores that other work kept busy: upper bounds. Seconds are of one core. \
                      docs/writing-plugins.md has the commands.";

/// The price of every language as a table, the chosen one marked.
pub fn table(chosen: Language) -> String {
    let mut lines = vec![format!("   {:<11} {:>7} {:>8} {:>9} {:>9} {:>9}", "", "size", "build", "compile", "a run", "memory")];
    for language in Language::ALL {
        let Price { size, build, compile, run, memory } = price(language);
        let mark = if language == chosen { "->" } else { "  " };
        lines.push(format!("{mark} {:<11} {size:>7} {build:>8} {compile:>9} {run:>9} {memory:>9}", language.name()));
    }
    lines.push(format!("   {SOURCE}"));
    lines.join("\n")
}
