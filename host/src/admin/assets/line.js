// The requests of the telephone. Every answer is JSON; a refusal throws the sentence to show.

async function ask(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("El servidor no contesta. ¿Sigue encendido?");
  }
  if (response.status === 401) throw new Error("El servidor arrancó de nuevo: abre la dirección que imprimió");
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `El servidor contestó ${response.status}`);
  return answer;
}

const call = (id, deed, body = {}) => ask("POST", `/api/calls/${id}/${deed}`, body);

export const ring = (from) => ask("POST", "/api/calls", { from });
export const say = (id, text) => call(id, "say", { text });
export const keys = (id, pressed) => call(id, "keys", { keys: pressed });
export const silence = (id) => call(id, "silence");
export const hangUp = (id) => call(id, "hangup");
export const trace = (id) => ask("GET", `/api/calls/${id}/trace`);
export const release = () => ask("GET", "/api/release");
