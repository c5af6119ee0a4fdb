// Aloud and by ear, where the browser can: speech synthesis and the Web Speech API.

const LANGUAGE = "es-MX";
const MUTED = "centralita.muted";

// Digits one by one: "4-5-2-1" is not a subtraction.
const spoken = (text) => text.replace(/\d(?:-\d)+/g, (digits) => digits.replaceAll("-", ", "));

function voice() {
  const voices = speechSynthesis.getVoices();
  const of = (language) => voices.find((each) => each.lang.replace("_", "-").startsWith(language));
  return of(LANGUAGE) ?? of("es-US") ?? of("es");
}

export function speaker(button) {
  const able = "speechSynthesis" in window;
  let muted = localStorage.getItem(MUTED) === "1";
  const show = () => {
    button.setAttribute("aria-pressed", String(!muted));
    button.textContent = muted ? "Voz: no" : "Voz: sí";
  };
  const quiet = () => able && speechSynthesis.cancel();
  button.hidden = !able;
  button.addEventListener("click", () => {
    muted = !muted;
    localStorage.setItem(MUTED, muted ? "1" : "0");
    if (muted) quiet();
    show();
  });
  show();
  return {
    quiet,
    speak(texts) {
      if (!able || muted) return;
      for (const text of texts) {
        const utterance = new SpeechSynthesisUtterance(spoken(text));
        utterance.lang = LANGUAGE;
        utterance.voice = voice() ?? null;
        speechSynthesis.speak(utterance);
      }
    },
  };
}

// Hides the button where there is no recogniser. `heard` gets what was said, `noted` what went wrong.
export function microphone(button, field, { before, heard, noted }) {
  const Recogniser = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recogniser) return;
  button.hidden = false;
  let open = null;
  const close = () => {
    open = null;
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", () => {
    if (open) return open.stop();
    before();
    open = new Recogniser();
    open.lang = LANGUAGE;
    open.interimResults = true;
    open.onresult = ({ results }) => {
      const result = results[results.length - 1];
      field.value = result[0].transcript;
      if (result.isFinal) heard(result[0].transcript);
    };
    open.onerror = ({ error }) => {
      const denied = error === "not-allowed" || error === "service-not-allowed";
      if (error !== "aborted") noted(denied ? "El navegador no deja usar el micrófono" : "El micrófono no oyó nada: escribe");
    };
    open.onend = close;
    button.setAttribute("aria-pressed", "true");
    open.start();
  });
}
