// The telephone: one call at a time, told as a conversation.

import * as line from "./line.js";
import { keypad } from "./keypad.js";
import { panel } from "./panel.js";
import { microphone, speaker } from "./voice.js";

const $ = (id) => document.getElementById(id);
const LOOK_EVERY_MS = 1000;
const STATES = { idle: "Colgado", ringing: "Llamando…", live: "En línea", thinking: "…", transfer: "Transferida", ended: "Terminó" };

const voice = speaker($("mute"));
const side = panel();
let call = null; // { id, began, times: ms of each turn }
let state = "idle";

function become(next) {
  state = next;
  const open = next === "live" || next === "thinking";
  document.body.dataset.state = next;
  document.body.dataset.busy = String(next === "ringing" || next === "thinking");
  $("status").textContent = STATES[next];
  $("call-word").textContent = open ? "Colgar" : "Llamar";
  $("from").readOnly = open || next === "ringing";
  for (const id of ["text", "send", "silence", "mic", "send-keys"]) $(id).disabled = !open;
}

const showLast = () => ($("talk").scrollTop = $("talk").scrollHeight);

function tell(kind, text, after) {
  $("hint").hidden = true;
  const bubble = document.createElement(kind === "note" ? "p" : "div");
  bubble.className = `bubble ${kind}`;
  bubble.dataset.testid = kind;
  bubble.textContent = text;
  if (after) {
    const small = document.createElement("small");
    small.textContent = after;
    bubble.append(small);
  }
  $("talk").append(bubble);
  showLast();
}

// What came back, aloud too.
function hear(turn) {
  call.times.push(turn.ms);
  turn.said.forEach((text, at) => tell("said", text, at === turn.said.length - 1 ? `${turn.ms} ms` : ""));
  voice.speak(turn.said);
  if (turn.next === "transfer") tell("note", `Te comunican con ${turn.number}`);
  if (turn.next === "ended") tell("note", "La asistente colgó");
  become({ listens: "live", transfer: "transfer", ended: "ended" }[turn.next]);
}

// One request of the call; only one at a time. False when the line is not free for it.
function take(kind, text, request) {
  if (state !== "live") return false;
  voice.quiet();
  tell(kind, text);
  become("thinking");
  const mine = call;
  request(mine.id)
    .then((turn) => mine === call && state === "thinking" && hear(turn))
    .catch((error) => {
      if (mine !== call) return;
      tell("note", error.message);
      if (state === "thinking") become("live");
    })
    .finally(look);
  return true;
}

async function ring() {
  become("ringing");
  $("talk").replaceChildren($("hint"));
  side.clear();
  call = null;
  try {
    const turn = await line.ring($("from").value);
    call = { id: turn.id, began: Date.now(), times: [] };
    hear(turn);
    $("text").focus();
  } catch (error) {
    tell("note", error.message);
    become("idle");
  }
  look();
}

async function hangUp() {
  voice.quiet();
  tell("note", "Colgaste");
  become("ended");
  await line.hangUp(call.id).catch((error) => tell("note", error.message));
  look();
}

// What there is to see beside the call: after every turn, and once a second.
let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  const mine = call;
  try {
    const [release, trace] = await Promise.all([line.release(), mine ? line.trace(mine.id).catch(() => null) : null]);
    if (mine === call) side.show(release, trace, mine?.times ?? []);
  } catch (error) {
    side.lost(error.message);
  } finally {
    looking = false;
  }
}

function tick() {
  const open = state === "live" || state === "thinking";
  if (!open) return;
  const seconds = Math.floor((Date.now() - call.began) / 1000);
  $("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

$("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  if (state === "live" || state === "thinking") hangUp();
  else if (state !== "ringing") ring();
});

const speak = (text) => text.trim() && take("mine", text.trim(), (id) => line.say(id, text.trim()));
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (speak($("text").value)) $("text").value = "";
});
$("silence").addEventListener("click", () => take("note", "(silencio)", line.silence));

keypad(
  { area: $("keypad"), display: $("pressed"), keys: $("keys"), erase: $("erase"), send: $("send-keys") },
  (entry) => take("mine keyed", [...entry].join(" "), (id) => line.keys(id, entry)),
);

microphone($("mic"), $("text"), {
  before: voice.quiet,
  heard: (text) => speak(text) && ($("text").value = ""),
  noted: (text) => tell("note", text),
});

document.addEventListener("centralita:again", async () => {
  if (state === "live" || state === "thinking") await hangUp();
  ring();
});

addEventListener("resize", showLast);
become("idle");
look();
setInterval(() => (tick(), look()), LOOK_EVERY_MS);
