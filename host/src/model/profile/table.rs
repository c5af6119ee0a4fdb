//! The rows: what each kind of server is sent, and nothing else.
//!
//! Lives here: differences between servers, as data.
//! Never here: which row a server has, how a request is put together (`profile.rs`).

use super::{Auth, Profile, Route, Shape};

/// What is sent to a server nobody knows better: the words every one of them has.
pub(super) const COMPATIBLE: Profile = Profile {
    name: "compatible",
    providers: &["self-hosted", "rasa"],
    hosts: &[],
    models: &[],
    base: None,
    auth: Auth::Bearer,
    route: Route::Chat,
    limit: "max_tokens",
    most: 96,
    temperature: true,
    seed: false,
    usage: false,
    shape: Shape::Free,
    extra: &[],
};

/// A service in the net that speaks `OpenAI`'s words.
const HOSTED: Profile = Profile { usage: true, providers: &[], ..COMPATIBLE };

const OPENAI: Profile = Profile {
    name: "openai",
    providers: &["openai"],
    hosts: &["api.openai.com"],
    base: Some("https://api.openai.com/v1"),
    limit: "max_completion_tokens",
    seed: true,
    shape: Shape::StrictSchema,
    ..HOSTED
};

/// Every profile; the first row that fits counts.
pub(super) const PROFILES: [Profile; 19] = [
    // Models that think refuse a temperature, and what they think counts as written; they are told to think little.
    Profile {
        name: "openai-gpt-5",
        models: &["gpt-5"],
        temperature: false,
        seed: false,
        most: 512,
        shape: Shape::LarkTool,
        extra: &[("reasoning_effort", "\"minimal\"")],
        ..OPENAI
    },
    Profile { name: "openai-o", models: &["o1", "o3", "o4"], temperature: false, seed: false, most: 1024, extra: &[("reasoning_effort", "\"low\"")], ..OPENAI },
    OPENAI,
    Profile {
        name: "azure",
        providers: &["azure", "azure_openai"],
        hosts: &[".openai.azure.com", ".cognitiveservices.azure.com"],
        base: None,
        auth: Auth::ApiKey,
        route: Route::Deployment,
        ..OPENAI
    },
    Profile { name: "vllm", providers: &["vllm", "hosted_vllm"], seed: true, usage: true, shape: Shape::StructuredOutputs, ..COMPATIBLE },
    Profile { name: "vllm-guided", providers: &[], seed: true, usage: true, shape: Shape::GuidedGrammar, ..COMPATIBLE },
    Profile {
        name: "llama.cpp",
        providers: &["llama.cpp", "llamacpp"],
        seed: true,
        usage: true,
        shape: Shape::Gbnf,
        extra: &[("cache_prompt", "true")],
        ..COMPATIBLE
    },
    Profile {
        name: "ollama",
        providers: &["ollama", "ollama_chat"],
        base: Some("http://localhost:11434/v1"),
        seed: true,
        usage: true,
        shape: Shape::Schema,
        ..COMPATIBLE
    },
    Profile { name: "lm-studio", providers: &["lm_studio", "lm-studio"], base: Some("http://localhost:1234/v1"), shape: Shape::Schema, ..COMPATIBLE },
    Profile {
        name: "gemini",
        providers: &["gemini"],
        hosts: &["generativelanguage.googleapis.com"],
        base: Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        shape: Shape::Schema,
        ..HOSTED
    },
    Profile {
        name: "groq",
        providers: &["groq"],
        hosts: &["api.groq.com"],
        base: Some("https://api.groq.com/openai/v1"),
        limit: "max_completion_tokens",
        seed: true,
        ..HOSTED
    },
    Profile { name: "mistral", providers: &["mistral"], hosts: &["api.mistral.ai"], base: Some("https://api.mistral.ai/v1"), usage: false, ..HOSTED },
    Profile { name: "deepseek", providers: &["deepseek"], hosts: &["api.deepseek.com"], base: Some("https://api.deepseek.com/v1"), ..HOSTED },
    Profile { name: "together", providers: &["together_ai"], hosts: &["api.together.xyz"], base: Some("https://api.together.xyz/v1"), ..HOSTED },
    Profile { name: "fireworks", providers: &["fireworks_ai"], hosts: &["api.fireworks.ai"], base: Some("https://api.fireworks.ai/inference/v1"), ..HOSTED },
    Profile { name: "openrouter", providers: &["openrouter"], hosts: &["openrouter.ai"], base: Some("https://openrouter.ai/api/v1"), ..HOSTED },
    // By name only: a proxy in front of a server that takes a grammar, or a schema.
    Profile { name: "compatible-schema", providers: &[], usage: true, shape: Shape::Schema, ..COMPATIBLE },
    Profile { name: "compatible-usage", providers: &[], usage: true, ..COMPATIBLE },
    COMPATIBLE,
];
