//! `centralita plugin rollback, kill`: orders to every host of a database, obeyed within a second.
//!
//! Lives here: their arguments, finding what is meant, giving and lifting orders.
//! Never here: obeying them (`release/keeper.rs`, `runs`).

use super::super::installation::Installation;
use super::print;
use crate::app::App;
use crate::grants::Grants;
use crate::release::{ACTION, ASIDE, BINDING, HISTORY, Orders, VERSION};
use crate::store::Order;
use anyhow::Context as _;

#[derive(clap::Args)]
pub(in crate::cli) struct Rollback {
    /// Why, for the log and the page.
    #[arg(long, default_value = "rolled back by an operator")]
    reason: String,
    /// Takes a release back that was set aside: by its digest's first digits.
    #[arg(long, value_name = "RELEASE")]
    lift: Option<String>,
}

#[derive(clap::Args)]
pub(in crate::cli) struct Kill {
    /// An action, a binding, or the first digits of the digest of a release or a component. Without one: what is stopped now.
    target: Option<String>,
    /// What the target is, where it could be several things or nothing that serves names it.
    #[arg(long, value_parser = [ACTION, VERSION, BINDING])]
    kind: Option<String>,
    /// Why, for the log and the page.
    #[arg(long, default_value = "stopped by an operator")]
    reason: String,
    /// Ends it.
    #[arg(long, requires = "target")]
    lift: bool,
}

pub(super) async fn rollback(args: &Rollback) -> anyhow::Result<()> {
    let installation = Installation::open().await?;
    let orders = Orders::of(installation.store.orders().await?);
    if let Some(digits) = &args.lift {
        return lift(&installation, &[ASIDE], digits).await;
    }
    let served = installation.store.served(HISTORY).await?;
    let mut standing = served.iter().filter(|release| orders.aside(release).is_none());
    let now = standing.next().context("no release serves that could be rolled back")?;
    let before = standing.next().with_context(|| format!("release {now:.8} is the only one; there is none to go back to"))?;
    give(&installation, ASIDE, now, &args.reason).await?;
    print(&format!("release {now:.8} is set aside until it changes; new calls begin with {before:.8} within a second"));
    print(&format!("to take it back: centralita plugin rollback --lift {now:.8}"));
    Ok(())
}

pub(super) async fn kill(args: &Kill) -> anyhow::Result<()> {
    let installation = Installation::open().await?;
    let Some(target) = &args.target else {
        let lines = Orders::of(installation.store.orders().await?).lines();
        print(if lines.is_empty() { "nothing is stopped" } else { "in force:" });
        lines.iter().for_each(|line| print(line));
        return Ok(());
    };
    if args.lift {
        let kinds = args.kind.as_deref().map_or(vec![ACTION, VERSION, BINDING], |kind| vec![kind]);
        return lift(&installation, &kinds, target).await;
    }
    let (kind, name) = match args.kind.as_deref() {
        Some(VERSION) | None => meant(&installation, target, args.kind.is_some()).await?,
        Some(kind) => (kind.to_owned(), target.clone()),
    };
    give(&installation, &kind, &name, &args.reason).await?;
    print(&format!("{kind} {name} is stopped for new runs within a second; to end that: centralita plugin kill {target} --lift"));
    Ok(())
}

/// What a word means: the digits of a version, or what the release that served last calls an action or a binding.
async fn meant(installation: &Installation, target: &str, version: bool) -> anyhow::Result<(String, String)> {
    let mut found = Vec::new();
    if target.len() >= 4 && target.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let digits = target.to_ascii_lowercase();
        for kind in ["release", "component"] {
            let all = installation.store.artifacts(kind).await?;
            found.extend(all.into_iter().filter(|(digest, _)| digest.starts_with(&digits)).map(|(digest, _)| (VERSION.to_owned(), digest)));
        }
    }
    let mut known = Vec::new();
    if !version && let Some(last) = installation.store.served(1).await?.first() {
        let (_, package) = installation.kept(last).await?;
        let grants = package.files.get("plugins.yml").and_then(|text| Grants::parse("plugins.yml", text).ok()).unwrap_or_default();
        known.extend(grants.plugins.values().flat_map(|plugin| plugin.actions.keys()).map(|action| (ACTION.to_owned(), action.clone())));
        known.extend(grants.bindings.keys().map(|binding| (BINDING.to_owned(), binding.clone())));
        found.extend(known.iter().filter(|(_, name)| name == target).cloned());
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            let known = known.iter().map(|(kind, name)| format!("{kind} {name}")).collect::<Vec<_>>().join(", ");
            anyhow::bail!("nothing here is called {target}; the release that serves has: {known}. `--kind` stops a name that is not among them")
        }
        several => {
            let several = several.iter().map(|(kind, name)| format!("{kind} {name:.16}")).collect::<Vec<_>>().join(", ");
            anyhow::bail!("{target} could be {several}; write more digits, or `--kind`")
        }
    }
}

async fn give(installation: &Installation, kind: &str, name: &str, reason: &str) -> anyhow::Result<()> {
    let order = Order { kind: kind.to_owned(), name: name.to_owned(), reason: reason.to_owned(), at_ms: App::now_ms() };
    anyhow::ensure!(installation.store.put_order(&order).await?, "{kind} {name} is stopped already");
    note(installation, "order given", &format!("{kind} {name}: {reason}")).await
}

async fn lift(installation: &Installation, kinds: &[&str], name: &str) -> anyhow::Result<()> {
    let orders = installation.store.orders().await?;
    let by_digits = |order: &&Order| order.name == name || (matches!(order.kind.as_str(), VERSION | ASIDE) && name.len() >= 4 && order.name.starts_with(name));
    let found: Vec<&Order> = orders.iter().filter(|order| kinds.contains(&order.kind.as_str())).filter(by_digits).collect();
    let [order] = found.as_slice() else {
        anyhow::bail!("{} orders fit {name}; `centralita plugin kill` lists what is in force", found.len());
    };
    installation.store.drop_order(&order.kind, &order.name).await?;
    print(&format!("{} {} is free again within a second", order.kind, order.name));
    note(installation, "order lifted", &format!("{} {}", order.kind, order.name)).await
}

async fn note(installation: &Installation, what: &str, detail: &str) -> anyhow::Result<()> {
    let record = serde_json::json!({ "what": what, "detail": detail });
    Ok(installation.store.audit(App::now_ms(), &record).await?)
}
