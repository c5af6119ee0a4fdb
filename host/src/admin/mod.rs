//! stub
use std::sync::Arc;
use serde::Serialize;
pub struct Parts { pub token: String, pub bind: std::net::SocketAddr, pub line: Arc<crate::phone::Line>, pub view: Arc<dyn View>, pub desk: Option<crate::standin::desk::Desk>, pub project_name: String }
#[derive(Serialize)] pub struct PluginView { pub name: String, pub digest: String, pub imports: Vec<String> }
#[derive(Serialize)] pub struct ReloadView { pub at_ms: i64, pub ok: bool, pub took_ms: u64, pub message: String }
#[derive(Serialize)] pub struct ReleaseView { pub current: String, pub plugins: Vec<PluginView>, pub last_reload: Option<ReloadView>, pub understanding: String }
#[async_trait::async_trait] pub trait View: Send + Sync { fn release(&self) -> ReleaseView; async fn trace(&self, call: &str) -> anyhow::Result<serde_json::Value>; fn metrics(&self) -> String; }
pub fn router(_p: Arc<Parts>) -> axum::Router { axum::Router::new() }
