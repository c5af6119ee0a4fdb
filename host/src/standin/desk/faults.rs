//! Which requests to the desk a fault is for.

use super::routes::Asked;

/// Which requests a fault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// `POST /tickets`.
    Create,
    /// Every request.
    All,
}

impl On {
    pub(super) fn fits(self, asked: &Asked) -> bool {
        self == Self::All || asked.is_create()
    }
}
