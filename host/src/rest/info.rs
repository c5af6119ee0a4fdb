//! What the server says of itself and its project (`rasa-calm.md` §8.4).
//!
//! Lives here: version, status, domain, flows, what a text would be taken for, and the parts of Rasa's API there are not.
//! Never here: conversations.

use super::auth::Bearer;
use super::refusal::Refusal;
use super::{Api, body, yaml};
use crate::calls::parsed;
use crate::release::Package;
use crate::tracker;
use axum::Json;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use centralita_engine::yaml::{Findings, read};
use centralita_engine::{Masked, answers::pan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn hello() -> String {
    format!("Hello from Centralita: {}", env!("CARGO_PKG_VERSION"))
}

pub(super) async fn version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "minimum_compatible_version": "3.13.0" }))
}

pub(super) async fn status(State(api): State<Arc<Api>>, bearer: Bearer) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let release = api.app.releases.current();
    Ok(Json(json!({ "model_id": release.digest, "model_file": null, "num_active_training_jobs": 0 })))
}

pub(super) async fn domain(State(api): State<Arc<Api>>, bearer: Bearer, headers: HeaderMap) -> Result<Response, Refusal> {
    bearer.admin()?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let takes = |ends: &[&str]| accept.split(',').any(|one| ends.iter().any(|end| one.split(';').next().unwrap_or_default().trim().ends_with(end)));
    if takes(&["json", "*/*"]) {
        return Ok(Json(domain_of(&api).await?).into_response());
    }
    if takes(&["yaml", "yml"]) {
        return Ok(([(header::CONTENT_TYPE, "application/x-yaml")], yaml::block(&domain_of(&api).await?)).into_response());
    }
    Err(Refusal::NotAcceptable)
}

async fn domain_of(api: &Api) -> Result<Value, Refusal> {
    Ok(tracker::domain(&api.package().await?.sources()).json)
}

pub(super) async fn flows(State(api): State<Arc<Api>>, bearer: Bearer) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let package = api.package().await?;
    let mut flows = Vec::new();
    for (path, text) in &package.files {
        let mut mistakes = Vec::new();
        let Some(root) = read(text, &mut Findings::new(path, &mut mistakes)) else { continue };
        let Some(Value::Object(named)) = root.get("flows").map(centralita_engine::yaml::Node::to_json) else { continue };
        flows.extend(named.into_iter().map(|(id, mut flow)| {
            flow["id"] = id.into();
            flow
        }));
    }
    Ok(Json(Value::Array(flows)))
}

/// A text to understand.
#[derive(Deserialize)]
struct Parse {
    text: String,
    message_id: Option<String>,
}

pub(super) async fn parse(State(api): State<Arc<Api>>, bearer: Bearer, request: Request) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let asked: Parse = body::read(request).await?;
    let release = api.app.releases.current();
    let text = Masked::new(pan::destroy(asked.text.trim(), release.project.language()).text);
    let commands: Vec<Value> = parsed(&release, &text).await.iter().map(|(command, by)| command.to_rasa(*by)).collect();
    Ok(Json(json!({
        "text": text.reveal(),
        "message_id": asked.message_id,
        "intent": { "name": null, "confidence": 0.0 },
        "intent_ranking": [],
        "entities": [],
        "commands": commands,
    })))
}

/// Parts of Rasa's API that there are not, by name.
pub(super) async fn not_served(OriginalUri(uri): OriginalUri, bearer: Bearer) -> Refusal {
    if let Err(refusal) = bearer.admin() {
        return refusal;
    }
    let path = uri.path();
    let why = match path.rsplit('/').next().unwrap_or_default() {
        "train" => "nothing is trained; a project is loaded when it is saved",
        "license" => "no licence is asked for",
        "predict" => "flows decide what comes next, and give no scores",
        "stories" | "intents" => "tests are run by `centralita test`",
        _ => "a release is changed by changing the project's folder",
    };
    Refusal::NotServed(format!("`{path}` is not served: {why}"))
}

impl Api {
    /// The files of the current release.
    pub(super) async fn package(&self) -> Result<Package, Refusal> {
        let digest = self.app.releases.current().digest.clone();
        let package = Package::kept(&self.app.store, &self.app.keys, &digest).await.map_err(|error| Refusal::Conversation(error.into()))?;
        package.ok_or_else(|| Refusal::Conflict("the release is not in the store any more; save the project once more".into()))
    }
}
