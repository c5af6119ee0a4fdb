// Twelve keys. They collect in a display; `#` or "Enviar" sends them as one entry.

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"], ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"], ["*", ""], ["0", "persona"], ["#", "fin"],
];
const LONGEST = 31;

export function keypad({ area, display, keys, erase, send }, entered) {
  const finish = (end) => {
    const entry = display.value + end;
    if (entry && entered(entry)) display.value = "";
  };
  const press = (key) => {
    if (key === "#") finish("#");
    else if (display.value.length < LONGEST) display.value += key;
  };
  for (const [key, letters] of KEYS) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = key;
    button.dataset.testid = `key-${key === "#" ? "hash" : key === "*" ? "star" : key}`;
    button.append(key);
    const small = document.createElement("small");
    small.textContent = letters;
    small.ariaHidden = "true";
    button.append(small);
    button.addEventListener("click", () => press(key));
    keys.append(button);
  }
  erase.addEventListener("click", () => (display.value = ""));
  send.addEventListener("click", () => finish(""));
  // The keyboard's own digits, while a key has the focus.
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") display.value = display.value.slice(0, -1);
    else return;
    event.preventDefault();
  });
}
