//! The SDK and the contract for plugins outside the workspace, out of this binary.
//!
//! Lives here: unpacking them beside a plugin, laid out as in the workspace.
//! Never here: the plugin's own files (`new.rs`).

use crate::plugins_build::CONTRACT;
use std::io;
use std::path::Path;

macro_rules! sdk {
    ($($file:literal),+ $(,)?) => {
        [$((concat!("plugins/sdk/", $file), include_str!(concat!("../../../plugins/sdk/", $file)))),+]
    };
}

const SDK: [(&str, &str); 9] =
    sdk!["Cargo.toml", "src/lib.rs", "src/action.rs", "src/failure.rs", "src/fake.rs", "src/moment.rs", "src/run.rs", "src/slot.rs", "src/value.rs",];

/// Writes SDK and contract into `folder`.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn unpack(folder: &Path) -> io::Result<()> {
    let more = [("Cargo.toml", include_str!("../../templates/plugin/rust/sdk-workspace.toml")), ("wit/action.wit", CONTRACT), (".gitignore", "target/\n")];
    for (path, text) in SDK.iter().chain(&more) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unpacked_sdk_is_the_whole_sdk_and_builds_with_the_same_generator() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = tempfile::tempdir().expect("a folder");
        unpack(folder.path()).expect("written");
        for file in std::fs::read_dir(root.join("plugins/sdk/src")).expect("the SDK").flatten() {
            let there = folder.path().join("plugins/sdk/src").join(file.file_name());
            assert_eq!(std::fs::read(file.path()).ok(), std::fs::read(&there).ok(), "{} is not unpacked; list it in `SDK`", there.display());
        }
        let line = |path: &Path| {
            let text = std::fs::read_to_string(path.join("Cargo.toml")).expect("a manifest");
            text.lines().find(|line| line.starts_with("wit-bindgen")).expect("wit-bindgen").to_owned()
        };
        assert_eq!(line(&root), line(folder.path()));
    }
}
