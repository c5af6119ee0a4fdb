//! stub
use centralita_engine::*; use std::time::Duration;
pub struct ModelSettings { pub base_url: Option<String>, pub key: Option<String>, pub model: Option<String>, pub budget: Duration }
pub struct Model; pub struct Proposed { pub commands: Vec<Command> }
impl Model { pub fn from_settings(_s: &ModelSettings) -> anyhow::Result<Option<Self>> { Ok(None) } pub async fn propose(&self, _p: &Project, _s: &CallState, _g: &Grammar, _t: &Masked<String>) -> Proposed { Proposed { commands: vec![] } } }
