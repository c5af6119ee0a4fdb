//! The call page in a real browser: from the greeting to the ticket, and pictures of it.
//!
//! Lives here: headless Chromium over `WebDriver`, and the one walk through the page.
//! Never here: starting the server; what the answers say beyond what a caller must find.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use crate::house::{ADMIN, House, On, root};
use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

/// The variable that turns a missing program from a skipped test into a failed one.
const REQUIRE: &str = "CENTRALITA_TEST_REQUIRE";
const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
/// How long anything on the page may take.
const PATIENCE: Duration = Duration::from_secs(20);
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
/// What an element is called on the wire.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// Where the pictures go, for example `docs/img`; the build folder's `tmp` unless set.
const PICTURES: &str = "CENTRALITA_TEST_PICTURES";

#[tokio::test(flavor = "multi_thread")]
async fn the_call_page_leads_from_the_greeting_to_a_ticket() {
    let test = "the_call_page_leads_from_the_greeting_to_a_ticket";
    if !installed(test) {
        return;
    }
    let Some(house) = House::open(On::Sqlite, test).await else { return };
    let pictures = std::env::var_os(PICTURES).map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), |folder| root().join(folder));
    let url = format!("http://{}/?token={ADMIN}", house.server.admin);
    call_page_from_greeting_to_ticket(&url, &pictures.join("call-page.png")).await;
    assert_eq!(house.requests().await.len(), 1);
    assert_eq!(house.desk.tickets().len(), 1);
}

/// Whether there is a browser to test with. Where there is none, a line says so.
///
/// # Panics
/// Where it is required (`CENTRALITA_TEST_REQUIRE=all`) and missing.
pub(crate) fn installed(test: &str) -> bool {
    let missing: Vec<_> = [CHROMIUM, CHROMEDRIVER].into_iter().filter(|program| !Path::new(program).exists()).collect();
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    assert!(std::env::var(REQUIRE).as_deref() != Ok("all"), "`{test}` needs {missing}");
    // Written to the handle itself: the test harness hides what passing tests print.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: no {missing}");
    false
}

/// Dials on the call page, reports a stolen card, and finds the ticket at the stand-in desk. `admin_url_with_token` is
/// the address that `dev` prints. Pictures go to `screenshot`, and beside it with `-phone`, `-dark`, `-desk` and `-desk-phone` in the name.
///
/// # Panics
/// If the page does not come to the ticket, shows an error, or breaks its own content policy.
pub(crate) async fn call_page_from_greeting_to_ticket(admin_url_with_token: &str, screenshot: &Path) {
    let browser = Browser::start().await.expect("the browser starts");
    let walked = walk(&browser, admin_url_with_token, screenshot).await;
    let page = browser.run("return document.body.innerText").await.unwrap_or_default();
    browser.quit().await;
    if let Err(error) = walked {
        panic!("{error:#}; the page says:\n{}", page.as_str().unwrap_or_default());
    }
}

async fn walk(browser: &Browser, url: &str, screenshot: &Path) -> anyhow::Result<()> {
    browser.size(DESKTOP).await?;
    browser.scheme("light").await?;
    browser.go(url).await?;
    let address = browser.run("return location.href").await?;
    ensure!(!address.as_str().unwrap_or_default().contains("token"), "the token left the address");
    browser
        .until("the page is alive", "return document.body.dataset.state === 'idle' && document.querySelectorAll('[data-testid=key-4]').length === 1")
        .await?;

    browser.click("call").await?;
    browser.hears(1, "ayudarte").await?;
    browser.write("text", "Me robaron la tarjeta\n").await?;
    browser.hears(2, "últimos cuatro dígitos").await?;
    for key in ["4", "5", "2", "1", "hash"] {
        browser.click(&format!("key-{key}")).await?;
    }
    browser.hears(3, "¿Confirmas?").await?;
    browser.write("text", "sí").await?;
    browser.click("send").await?;
    browser.hears(4, "ticket").await?;
    let said = browser.said().await?;
    let number = said
        .split("ticket es ")
        .nth(1)
        .map(|rest| rest.chars().take_while(|c| !matches!(c, '.' | '¿' | '\n')).filter(char::is_ascii_digit).collect::<String>())
        .filter(|number| !number.is_empty())
        .with_context(|| format!("a ticket number was said; heard: {said}"))?;

    browser
        .until(
            "four turns, their runs and a release beside the call",
            "const count = (id) => document.querySelectorAll(`[data-testid=${id}]`).length; \
             return count('turn') >= 4 && count('run') >= 2 && document.getElementById('call-release').textContent !== '—'",
        )
        .await?;
    browser.picture(screenshot).await?;
    browser.scheme("dark").await?;
    browser.picture(&beside(screenshot, "dark")).await?;
    browser.scheme("light").await?;
    browser.size(PHONE).await?;
    browser.fits().await?;
    browser.picture(&beside(screenshot, "phone")).await?;
    browser.size(DESKTOP).await?;

    browser.click("call").await?;
    browser.until("the call ended", "return document.body.dataset.state === 'ended'").await?;
    browser.run("document.getElementById('to-desk').click()").await?;
    browser
        .until(
            &format!("the desk shows ticket {number}"),
            &format!("return location.pathname === '/desk' && [...document.querySelectorAll('.id')].some((id) => id.textContent === '{number}')"),
        )
        .await?;
    browser.picture(&beside(screenshot, "desk")).await?;
    browser.size(PHONE).await?;
    browser.fits().await?;
    browser.picture(&beside(screenshot, "desk-phone")).await?;
    browser.no_complaints().await
}

/// `call.png` becomes `call-desk.png`.
fn beside(screenshot: &Path, what: &str) -> PathBuf {
    let stem = screenshot.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    screenshot.with_file_name(format!("{stem}-{what}.png"))
}

/// One headless browser with an empty profile, gone when this is.
struct Browser {
    port: u16,
    session: String,
    profile: PathBuf,
    /// Ends with this value, and Chromium with it.
    _driver: Child,
}

impl Browser {
    async fn start() -> anyhow::Result<Self> {
        let mut driver = Command::new(CHROMEDRIVER).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(driver.stdout.take().context("no output")?).lines();
        let port = loop {
            let line = lines.next_line().await?.context("chromedriver ended at once")?;
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse()?;
            }
        };
        let profile = std::env::temp_dir().join(format!("centralita-browser-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&profile)?;
        let mut browser = Self { port, session: String::new(), profile, _driver: driver };
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(format!("--user-data-dir={}", browser.profile.display()));
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"goog:loggingPrefs": {"browser": "ALL"}, "goog:chromeOptions": {"binary": CHROMIUM, "args": flags}}}});
        let session = browser.ask("POST", "/session", wanted).await?;
        browser.session = session["sessionId"].as_str().context("no session")?.to_owned();
        Ok(browser)
    }

    /// One command: plain HTTP, one connection each.
    async fn ask(&self, method: &str, path: &str, body: Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let exchange = async {
            let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).await?);
            stream.write_all(request.as_bytes()).await?;
            // The driver leaves the connection open: its answer is as long as it says.
            let (mut line, mut length) = (String::new(), 0);
            while stream.read_line(&mut line).await? > 2 {
                let header = line.to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse()?;
                }
                line.clear();
            }
            let mut answer = vec![0; length];
            stream.read_exact(&mut answer).await?;
            anyhow::Ok(answer)
        };
        let answer = tokio::time::timeout(PATIENCE * 3, exchange).await.with_context(|| format!("{path}: the driver does not answer"))??;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        let value = answer["value"].take();
        if let Some(error) = value["error"].as_str() {
            bail!("{path}: {error}: {}", value["message"]);
        }
        Ok(value)
    }

    async fn tell(&self, command: &str, body: Value) -> anyhow::Result<Value> {
        self.ask("POST", &format!("/session/{}{command}", self.session), body).await
    }

    async fn go(&self, url: &str) -> anyhow::Result<()> {
        self.tell("/url", json!({ "url": url })).await.map(drop)
    }

    async fn run(&self, script: &str) -> anyhow::Result<Value> {
        self.tell("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Asks the page until it says yes.
    async fn until(&self, what: &str, script: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.run(script).await? != json!(true) {
            ensure!(began.elapsed() < PATIENCE, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn element(&self, id: &str) -> anyhow::Result<String> {
        let selector = format!("[data-testid=\"{id}\"]");
        let found = self.tell("/element", json!({"using": "css selector", "value": selector})).await?;
        Ok(found[ELEMENT].as_str().context("no element")?.to_owned())
    }

    async fn click(&self, id: &str) -> anyhow::Result<()> {
        let element = self.element(id).await?;
        self.tell(&format!("/element/{element}/click"), json!({})).await.map(drop)
    }

    async fn write(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let element = self.element(id).await?;
        self.tell(&format!("/element/{element}/value"), json!({ "text": text })).await.map(drop)
    }

    /// Waits until the line listens again after its `turn`th answer, and that answer holds `text`.
    async fn hears(&self, turn: usize, text: &str) -> anyhow::Result<()> {
        let listens = format!(
            "return document.body.dataset.state !== 'thinking' && document.body.dataset.busy === 'false' && document.querySelectorAll('.said small').length >= {turn}"
        );
        self.until(&format!("answer {turn}"), &listens).await?;
        let said = self.said().await?;
        ensure!(said.contains(text), "answer {turn} holds `{text}`; heard: {said}");
        Ok(())
    }

    /// Everything said so far.
    async fn said(&self) -> anyhow::Result<String> {
        let said = self.run("return [...document.querySelectorAll('.said')].map((each) => each.firstChild.textContent).join('\\n')").await?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    async fn devtools(&self, command: &str, parameters: Value) -> anyhow::Result<()> {
        self.tell("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await.map(drop)
    }

    async fn size(&self, (width, height): (u32, u32)) -> anyhow::Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await
    }

    async fn scheme(&self, scheme: &str) -> anyhow::Result<()> {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await
    }

    /// Nothing sticks out to the right.
    async fn fits(&self) -> anyhow::Result<()> {
        let wide = self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await?;
        ensure!(wide == json!(0), "the page is {wide} pixels too wide");
        Ok(())
    }

    /// The console is clean: no refused script or style, no failed request.
    async fn no_complaints(&self) -> anyhow::Result<()> {
        let log = self.tell("/se/log", json!({"type": "browser"})).await?;
        let complaints: Vec<_> = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE").collect();
        ensure!(complaints.is_empty(), "the console complains: {complaints:?}");
        Ok(())
    }

    async fn picture(&self, path: &Path) -> anyhow::Result<()> {
        let picture = self.ask("GET", &format!("/session/{}/screenshot", self.session), Value::Null).await?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, BASE64_STANDARD.decode(picture.as_str().context("no picture")?)?)?;
        Ok(())
    }

    async fn quit(&self) {
        // The driver is killed with this value anyhow.
        let _ = self.ask("DELETE", &format!("/session/{}", self.session), Value::Null).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
