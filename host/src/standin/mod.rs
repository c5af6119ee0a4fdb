//! What `dev`, `shell` and `test` put in place of what is not there. Never part of `serve`.

pub mod desk;
