//! What a server wants to be called like.
//!
//! Lives here: the few differences between compatible servers that break clients; nothing is sent that
//! the server's profile does not name.
//! Never here: the prompt, the connection.

use super::prompt::Message;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use url::Url;

/// The most a model may write, in tokens.
const MOST_WRITTEN: u32 = 96;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// `OpenAI` itself.
    OpenAi,
    /// `OpenAI`'s models at Azure: another header for the key.
    Azure,
    /// vLLM, llama.cpp, Ollama and whatever else speaks the same words.
    Compatible,
}

impl Profile {
    /// The profile of a server, by its address.
    pub(super) fn of(base: &Url) -> Self {
        match base.host_str() {
            Some("api.openai.com") => Self::OpenAi,
            Some(host) if host.ends_with(".openai.azure.com") => Self::Azure,
            Some(_) | None => Self::Compatible,
        }
    }

    /// The header a key goes into.
    pub(super) fn key(self, key: &str) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::OpenAi | Self::Compatible => (AUTHORIZATION, format!("Bearer {key}")),
            Self::Azure => (HeaderName::from_static("api-key"), key.to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    }

    /// The body of a request.
    pub(super) fn body(self, model: &str, messages: &[Message]) -> Json {
        let mut body = json!({"model": model, "messages": messages, "stream": true, "temperature": 0});
        match self {
            Self::OpenAi | Self::Azure => {
                body["max_completion_tokens"] = MOST_WRITTEN.into();
                body["stream_options"] = json!({"include_usage": true});
            }
            Self::Compatible => body["max_tokens"] = MOST_WRITTEN.into(),
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_gets_only_what_it_knows() {
        let of = |base: &str| Profile::of(&Url::parse(base).unwrap());
        assert_eq!(of("https://api.openai.com/v1"), Profile::OpenAi);
        assert_eq!(of("https://bank.openai.azure.com/openai/v1"), Profile::Azure);
        assert_eq!(of("http://127.0.0.1:8080/v1"), Profile::Compatible);
        let fields = |profile: Profile| profile.body("m", &[]).as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(Profile::Compatible), ["max_tokens", "messages", "model", "stream", "temperature"]);
        assert_eq!(fields(Profile::OpenAi), ["max_completion_tokens", "messages", "model", "stream", "stream_options", "temperature"]);
        assert_eq!(Profile::Azure.key("k").unwrap().0.as_str(), "api-key");
        assert!(Profile::OpenAi.key("k\n").is_none());
    }
}
