//! The evil suite: every crime a plugin can think of, on the real host, a real database and real sockets.
//!
//! Each crime is a line that says how it ends and which guard ends it. It is committed twice: with every guard standing
//! it is contained, the host goes on, and a good action beside it succeeds; with exactly that guard down it comes off.
//! So no line can pass because something else happened to be in the way. Where several guards stand behind each other,
//! each has its own line, with the `others` down in both.
//!
//! Lives here: the lines, by what is being stolen. The plugin itself is `tests/evil`; guests that Rust cannot say are
//! text here.
//! Never here: load (`tests/calls/evil.rs` commits the same crimes while calls go on).

mod bed;
mod carry;
mod crime;
mod deny;
mod desk;
mod hog;
mod logged;
mod reach;
