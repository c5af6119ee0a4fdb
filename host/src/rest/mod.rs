//! Rasa's HTTP API and chat channels (`rasa-calm.md` §8), on the public listener.
//!
//! Lives here: the routes, what they share, and which pages of other sites may call them.
//! Never here: turns (`calls`), a conversation's JSON (`tracker`).

mod auth;
mod body;
mod callback;
mod channel;
mod conversations;
mod info;
mod jwt;
mod messages;
mod refusal;
mod sender;
mod story;
mod write;
mod yaml;

pub use auth::Guard;

use crate::app::App;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::routing::{get, post, put};
use callback::Callback;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// What the routes share.
struct Api {
    app: Arc<App>,
    guard: Guard,
    /// Messages a minute and sender; none when off.
    messages: Option<DefaultKeyedRateLimiter<String>>,
    callback: Callback,
}

/// How the API is run.
pub struct Options {
    /// Who may speak.
    pub guard: Guard,
    /// Messages a minute and sender; 0 is off.
    pub rate_per_minute: u32,
    /// Origins of pages that may call; `*` for any.
    pub origins: Vec<HeaderValue>,
}

/// The routes.
///
/// # Errors
/// When the client for the callback channel cannot be made.
pub fn router(app: Arc<App>, options: Options) -> anyhow::Result<Router> {
    let messages = NonZeroU32::new(options.rate_per_minute).map(|rate| RateLimiter::keyed(Quota::per_minute(rate)));
    let api = Arc::new(Api { app, guard: options.guard, messages, callback: Callback::new()? });
    let none = axum::routing::any(info::not_served);
    Ok(Router::new()
        .route("/", get(info::hello))
        .route("/version", get(info::version))
        .route("/status", get(info::status))
        .route("/license", none.clone())
        .route("/domain", get(info::domain))
        .route("/flows", get(info::flows))
        .route("/model", none.clone())
        .route("/model/parse", post(info::parse))
        .route("/model/{*rest}", none)
        .route("/webhooks/rest/", get(channel::health))
        .route("/webhooks/rest/webhook", post(channel::rest))
        .route("/webhooks/callback/", get(channel::health))
        .route("/webhooks/callback/webhook", post(channel::callback))
        .route("/conversations/{id}/tracker", get(conversations::tracker).delete(write::erase))
        .route("/conversations/{id}/tracker/events", post(write::append).merge(put(write::replace)))
        .route("/conversations/{id}/messages", post(write::message))
        .route("/conversations/{id}/execute", post(write::execute))
        .route("/conversations/{id}/trigger_intent", post(write::trigger_intent))
        .route("/conversations/{id}/predict", axum::routing::any(info::not_served))
        .route("/conversations/{id}/story", get(conversations::story))
        .layer(cors(options.origins))
        .with_state(api))
}

/// Without origins no page of another site may read an answer.
fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let allowed = if origins.iter().any(|origin| origin == "*") { AllowOrigin::any() } else { AllowOrigin::list(origins) };
    let headers: [HeaderName; 3] = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT];
    CorsLayer::new().allow_origin(allowed).allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE]).allow_headers(headers)
}
