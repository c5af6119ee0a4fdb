//! Calls that ring and stay open, for the memory of a server that has many.
//!
//! Lives here: `-- ring URL COUNT`, signed with `TWILIO_AUTH_TOKEN`.
//! Never here: starting that server.

use centralita::phone::{Caller, Line};
use centralita::twilio::signature::Signer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Calls that ring at the same time.
const AT_ONCE: u32 = 16;

pub(crate) async fn ring(to: &str, count: u32) {
    let token = std::env::var("TWILIO_AUTH_TOKEN").expect("TWILIO_AUTH_TOKEN is the server's");
    let line = Arc::new(Line::new(to.parse().unwrap(), Some(Signer::parse(&token).unwrap()), None).unwrap());
    let (next, began) = (Arc::new(AtomicU32::new(0)), Instant::now());
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (line, next) = (line.clone(), next.clone());
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                // A caller that is dropped tells nobody: the call stays open.
                Caller::ring(&line, &format!("+5255100{number:05}"), "+525500000100").await.unwrap();
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    println!("ring: {count} calls rang and stay open, {:.0} a second", f64::from(count) / began.elapsed().as_secs_f64());
}
