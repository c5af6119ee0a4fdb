//! A binding's base URL: the first of several templates whose variables are set.
//!
//! Lives here: reading `base`, and the URL with an error that names the variable.
//! Never here: what a base URL may be in general (`egress`).

use super::bindings::VariableError;
use super::template::Template;
use crate::egress::check_base;
use centralita_engine::yaml::{Findings, Node};
use url::Url;

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) of: Vec<Template>,
    /// The path the URL must have.
    pub(super) path: Option<String>,
}

impl Base {
    pub(super) fn read(node: &Node, path: Option<&Node>, findings: &mut Findings<'_>) -> Self {
        let mut of = Vec::new();
        let written = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
        for item in written {
            let Some(text) = item.text("`base`", findings) else {
                continue;
            };
            match Template::parse(&text) {
                Ok(template) => {
                    // Without variables it can be judged here and now.
                    if template.variables().next().is_none()
                        && let Err(what) = judge(&text, None)
                    {
                        findings.error(item.at, format!("`base`: {what}"));
                    }
                    of.push(template);
                }
                Err(what) => findings.error(item.at, what),
            }
        }
        let path = path.and_then(|node| {
            let path = node.text("`base_path`", findings)?;
            if !path.starts_with('/') || path.ends_with('/') {
                findings.error(node.at, "`base_path` begins with `/` and does not end with it, such as `/api/v2`");
            }
            Some(path)
        });
        Self { of, path }
    }

    pub(super) fn variables(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.of.iter().flat_map(Template::variables).collect();
        all.dedup();
        all
    }

    pub(super) fn resolve(&self, binding: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Url, VariableError> {
        let filled = self.of.iter().find_map(|template| Some((template, template.fill(variable)?)));
        let Some((template, text)) = filled else {
            return Err(VariableError::Missing { binding: binding.to_owned(), variables: self.variables().join(" or ") });
        };
        judge(&text, self.path.as_deref()).map_err(|what| {
            let name = template.variables().next().unwrap_or("base").to_owned();
            let shown = variable(&name).unwrap_or_default();
            VariableError::WrongUrl { binding: binding.to_owned(), variable: name, shown: masked(&shown), what }
        })
    }
}

fn judge(text: &str, path: Option<&str>) -> Result<Url, String> {
    let right = || path.map_or_else(|| "https://desk.example/api".to_owned(), |path| format!("https://desk.example{path}"));
    let url = Url::parse(text).map_err(|error| format!("{error}; it should look like `{}`", right()))?;
    check_base(&url).map_err(|error| error.to_string())?;
    match path {
        Some(path) if url.path().trim_end_matches('/') != path => Err(format!("its path must be `{path}`; it should look like `{}`", right())),
        Some(_) | None => Ok(url),
    }
}

/// An address as it may be shown: without user, password, query.
fn masked(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let shown = &text[..end];
    match (shown.find("://"), shown.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}***{}", &shown[..scheme + 3], &shown[at..])
        }
        _ => shown.to_owned(),
    }
}
