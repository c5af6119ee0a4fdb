//! From the rename of a component to the first call that runs it.
//!
//! Lives here: changing a component without changing what it does, and calling until it counts.
//! Never here: building plugins.

use crate::figure;
use crate::house::House;
use centralita::release::Package;
use centralita::sandbox::{manifest_of, with_manifest};
use std::time::Instant;

const TIMES: usize = 20;

/// Renames a changed component over the old one and rings until a call begins with the new release.
pub(crate) async fn rename(house: &House) {
    for plugin in ["contextual-greeting", "freshdesk-tickets"] {
        let path = house.project.join("plugins").join(format!("{plugin}.wasm"));
        let mut samples = Vec::with_capacity(TIMES);
        for time in 0..TIMES {
            // Other bytes each time, so that no cache of compiled code helps.
            let bytes = std::fs::read(&path).unwrap();
            let manifest = format!("{}\n# {time}\n", manifest_of(&bytes).unwrap());
            let changed = with_manifest(&bytes, &manifest);
            let Ok(mut package) = Package::read(&house.project) else { panic!("the project reads") };
            package.components.insert(plugin.to_owned(), changed.clone());
            let wanted = package.digest();
            let beside = path.with_extension("new");
            std::fs::write(&beside, &changed).unwrap();
            // The write beside it is a change of the folder too; the watcher comes to rest first.
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            let began = Instant::now();
            std::fs::rename(&beside, &path).unwrap();
            loop {
                let call = house.ring().await;
                let took = began.elapsed();
                if house.server.app.store.load(&call.name).await.unwrap().unwrap().release == wanted {
                    samples.push(took);
                    break;
                }
                assert!(took.as_secs() < 10, "the release never came: {:?}", house.server.app.releases.current().short());
            }
        }
        figure::print(&format!("rename: {plugin}"), samples);
    }
}
