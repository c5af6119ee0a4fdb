//! Flows as pictures: SVG for slides and pages, Mermaid for places that render it.
//!
//! Lives here: which flows are drawn, and what a picture comes with.
//! Never here: the disk (`cli/visualize.rs`).

mod graph;
mod label;
mod layout;
mod mermaid;
mod outline;
mod page;
mod svg;
mod text;

pub(crate) use text::escape;

use centralita_engine::Project;

/// A flow, drawn.
pub(crate) struct Picture {
    /// The flow's id, which is fit to be a file's name.
    pub(crate) flow: String,
    /// Its readable name.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: String,
    /// The picture.
    pub(crate) svg: String,
    /// The same, for Mermaid.
    pub(crate) mermaid: String,
}

/// Draws every flow that the project wrote itself, in order of their ids; patterns it took as they are need no picture.
/// The same project gives the same pictures, byte for byte.
pub(crate) fn pictures(project: &Project) -> Vec<Picture> {
    let own = project.flows.values().filter(|flow| !flow.path.starts_with("(patterns)/"));
    own.map(|flow| {
        let graph = outline::of(project, flow);
        Picture {
            flow: flow.id.to_string(),
            name: flow.name.clone(),
            description: flow.description.clone(),
            svg: svg::draw(&graph, &flow.name),
            mermaid: mermaid::write(&graph),
        }
    })
    .collect()
}

/// A page with all of them, without scripts; the SVG files stand beside it.
pub(crate) fn page(title: &str, pictures: &[Picture]) -> String {
    page::write(title, pictures)
}

#[cfg(test)]
mod tests;
