//! What the telephone's requests get when they cannot be done: a status and one sentence for the page.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::phone::Trouble;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Esa llamada ya no está aquí: vuelve a llamar")]
    NoSuchCall,
    #[error("La llamada terminó: vuelve a llamar")]
    Ended,
    #[error("Escribe el número como + y de 3 a 15 dígitos, por ejemplo +525500000001")]
    BadNumber,
    #[error("Las teclas son 0–9, * y #, de una a 32")]
    BadKeys,
    #[error("Di algo, en 1000 letras a lo más")]
    BadText,
    #[error("La línea no contestó como debe: {0}")]
    Line(Trouble),
    #[error("De esta llamada no hay nada que mostrar")]
    NoTrace,
    #[error("{}", .0.body_text())]
    Json(JsonRejection),
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        if matches!(trouble, Trouble::Ended) { Self::Ended } else { Self::Line(trouble) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NoSuchCall | Self::NoTrace => StatusCode::NOT_FOUND,
            Self::Ended => StatusCode::CONFLICT,
            Self::BadNumber | Self::BadKeys | Self::BadText => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Line(_) => StatusCode::BAD_GATEWAY,
            Self::Json(rejection) => rejection.status(),
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

/// A body that says `application/json` and is: another site's form can say neither.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        Json::from_request(request, state).await.map(|Json(body)| Self(body)).map_err(Refusal::Json)
    }
}
