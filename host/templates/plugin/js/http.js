// Requests to the operator's bindings. The host owns URL, credential, methods, paths, sizes and rate.
import { send as ask } from 'centralita:action/http@0.1.0';

// Sends a request to a path below the binding's base. Any status is an answer; a failure (`error.payload.kind`) means that
// there is none. A body that is no text is sent as JSON.
export function send(binding, method, path, body, headers = {}) {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const all = Object.entries(text && !headers['content-type'] ? { 'content-type': 'application/json', ...headers } : headers);
  const answer = ask(binding, { method, path, headers: all, body: new TextEncoder().encode(text) });
  return {
    status: answer.status(),
    header: (name) => answer.header(name),
    text: (max = 262144) => new TextDecoder().decode(answer.body(max)),
    json(max = 262144) {
      return JSON.parse(this.text(max));
    },
  };
}
