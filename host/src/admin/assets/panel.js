// What happens inside, beside the call. Everything is written as text, never as markup.

const $ = (id) => document.getElementById(id);
const VIA = { speech: "por voz", keys: "por teclado", silence: "silencio", text: "por texto", hangup: "colgó", hang_up: "colgó" };
const BY = { typed: "respuesta directa", matcher: "clasificador", model: "modelo", nobody: "no se entendió" };
const MARK = 8;

const short = (digest) => (digest.length > MARK ? `${digest.slice(0, MARK)}…` : digest);
const list = (value) => (Array.isArray(value) ? value : value ? [value] : []).map((each) => (typeof each === "string" ? each : JSON.stringify(each)));

function node(tag, kind, ...inside) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...inside.filter((each) => each !== null && each !== ""));
  return made;
}

// Draws only what is new, so that nobody loses their place.
const drawn = new Map();
function draw(id, data, make) {
  const key = JSON.stringify(data);
  if (drawn.get(id) === key) return;
  drawn.set(id, key);
  $(id).replaceChildren(...[make()].flat());
}

const row = (name, ...inside) => node("div", "row", node("span", "what", name), node("span", "which", ...inside));
const codes = (texts, kind) => texts.map((text) => node("code", kind, text));

function heard({ heard: it }) {
  if (!it) return [];
  const text = it.text ? node("q", "", it.text) : "";
  const gone = it.destroyed ? node("span", "gone", "lo prohibido se destruyó") : "";
  return [row("Oyó", text, node("em", "", VIA[it.via] ?? it.via ?? ""), gone)];
}

function understood({ by, commands, dropped }) {
  const kept = list(commands);
  if (!kept.length && !dropped && !by) return [];
  const gone = dropped ? node("em", "", `${dropped} sin efecto`) : "";
  return [row("Entendió", ...codes(kept, ""), by ? node("em", "by", BY[by] ?? list(by).join(" ")) : "", gone)];
}

function ran({ runs }) {
  return (runs ?? []).map(({ action, ending, detail }) => {
    const badge = node("b", `ending ${ending ?? "running"}`, ending ?? "en curso");
    const run = row("Corrió", node("code", "", action ?? "acción"), badge, detail ? node("em", "", list(detail).join(" ")) : "");
    run.dataset.testid = "run";
    return run;
  });
}

function turn(it, ms) {
  const path = (it.stack ?? []).map(({ flow, step }) => (step ? `${flow} / ${step}` : flow)).join("  ›  ");
  const time = ms === undefined ? "" : node("span", "ms", `${ms} ms`);
  const said = (it.said ?? []).map(({ response, text }) => {
    const name = node("code", "response", response);
    name.title = text ?? "";
    return name;
  });
  const whole = node("article", "turn", node("header", "", node("strong", "", `Turno ${it.turn}`), node("span", "path", path), time),
    ...heard(it), ...understood(it), ...ran(it), ...(said.length ? [row("Dijo", ...said)] : []),
    ...list(it.notes).map((note) => row("Nota", node("em", "", note))));
  whole.dataset.testid = "turn";
  return whole;
}

function slots(last, before) {
  const names = Object.keys(last);
  if (!names.length) return node("p", "none", "Todavía no hay.");
  return names.map((name) => {
    const pair = node("div", before && before[name] !== last[name] ? "slot fresh" : "slot", node("span", "name", name), node("span", "value", String(last[name])));
    pair.dataset.slot = name;
    return pair;
  });
}

function showCall(trace, times) {
  const turns = trace.turns ?? [];
  const last = turns.at(-1) ?? {};
  const stack = last.stack ?? [];
  const top = stack.findLast(({ flow }) => flow === last.flow) ?? stack.at(-1);
  $("call-release").textContent = trace.release ? short(trace.release) : "—";
  $("call-release").title = trace.release ?? "";
  $("call-id").textContent = short(trace.call ?? "—");
  $("call-id").title = trace.call ?? "";
  $("flow").textContent = last.flow ?? top?.flow ?? "—";
  $("step").textContent = top?.step ?? "—";
  draw("stack", stack, () => (stack.length > 1 ? stack.map(({ flow, step }) => node("span", "frame", step ? `${flow} / ${step}` : flow)) : []));
  draw("slots", [last.slots, turns.at(-2)?.slots], () => slots(last.slots ?? {}, turns.at(-2)?.slots));
  draw("turns", [turns, times], () => turns.map((it, at) => turn(it, times[at])).reverse());
}

function showRelease(release) {
  $("current").textContent = short(release.current);
  $("understanding").textContent = `Entiende con: ${release.understanding}`;
  $("current").title = release.current;
  $("reviewed").textContent = release.reviewed ? `Revisada por ${release.reviewed}` : "unreviewed: nadie la ha revisado";
  draw("orders", release.orders, () => release.orders.map((order) => node("li", "", order)));
  const reload = release.last_reload;
  const at = reload ? new Date(reload.at_ms).toLocaleTimeString("es-MX") : "";
  $("reload").className = reload && !reload.ok ? "reload bad" : "reload";
  $("reload").textContent = reload ? `${reload.ok ? "Recargada" : "El último cambio no entró"} a las ${at} en ${reload.took_ms} ms: ${reload.message}` : "";
  draw("plugins", release.plugins, () => release.plugins.map(({ name, digest, imports }) => {
    const mark = node("code", "digest", short(digest));
    mark.title = digest;
    return node("li", "", node("strong", "", name), mark, node("span", "imports", ...imported(imports)));
  }));
}

const OURS = /^centralita:[\w-]+\//;

// `centralita:action/http@0.1.0` is `http` to a reader; what the guest's toolchain brings along is one chip.
function imported(names) {
  const chip = (text, title) => {
    const made = node("span", "import", text);
    made.title = title;
    return made;
  };
  const others = names.filter((name) => !OURS.test(name));
  const ours = names.filter((name) => OURS.test(name)).map((name) => chip(name.replace(OURS, "").replace(/@[\d.]+$/, ""), name));
  return others.length ? [...ours, chip(`${others.length} de wasi`, others.join("\n"))] : ours;
}

function showBanner(mine, current) {
  const stale = Boolean(mine) && mine !== current;
  draw("banner", [stale, mine, current], () => {
    if (!stale) return [];
    const again = node("button", "main", "Volver a llamar");
    again.type = "button";
    again.addEventListener("click", () => document.dispatchEvent(new Event("centralita:again")));
    return [node("span", "", `Esta llamada usa la versión ${short(mine)}; ${short(current)} está lista: vuelve a llamar.`), again];
  });
  $("banner").hidden = !stale;
}

export function panel() {
  return {
    clear() {
      for (const id of ["call-release", "flow", "step", "call-id"]) $(id).textContent = "—";
      draw("stack", null, () => []);
      draw("slots", null, () => node("p", "none", "Todavía no hay."));
      draw("turns", null, () => node("p", "none", "Suena…"));
      showBanner(null, null);
    },
    show(release, trace, times) {
      showRelease(release);
      if (trace) showCall(trace, times);
      showBanner(trace?.release, release.current);
    },
    lost(why) {
      $("reload").className = "reload bad";
      $("reload").textContent = why;
    },
  };
}
