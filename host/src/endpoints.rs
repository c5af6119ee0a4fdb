//! `endpoints.yml`.
