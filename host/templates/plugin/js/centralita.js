// What a plugin in JavaScript works with: a run, failures, and the table of its actions. It came with `centralita plugin
// new`; nothing here is yours to edit. Requests to bindings are in `http.js`, statements in `records.js`: a plugin imports
// what it uses, and its `plugin.yml` says why.
import * as call from 'centralita:action/call@0.1.0';
import { write } from 'centralita:action/log@0.1.0';

// Why an action did not succeed. `kind` is what the flow sees: `refused`, `unavailable`, `busy`, `timeout` or `failed`;
// `detail` is for the operator, without caller data.
export class Failure extends Error {
  constructor(kind, detail = '') {
    super(`${kind}: ${detail}`);
    this.payload = { kind, detail };
  }
  get kind() {
    return this.payload.kind;
  }
}

// A value of the dialogue as JavaScript has it, and back. Sensitive text is an opaque token: hand it on as it came.
export function fromHost({ tag, val }) {
  if (tag === 'none') return undefined;
  return tag === 'json' ? JSON.parse(val) : val;
}

export function toHost(value) {
  if (value === undefined || value === null) return { tag: 'none' };
  if (typeof value === 'string') return { tag: 'text', val: value };
  if (typeof value === 'number') return { tag: 'number', val: value };
  if (typeof value === 'boolean') return { tag: 'boolean', val: value };
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return { tag: 'items', val: value };
  return { tag: 'json', val: JSON.stringify(value) };
}

const TYPES = { text: 'string', number: 'number', boolean: 'boolean' };

// The run that is going on.
export const run = {
  // The moment of the caller's turn, RFC 3339; the same when the run is repeated.
  now: () => call.now(),
  // The language of the call, `es-MX`.
  language: () => call.language(),
  // What a slot or a fact of the call holds; undefined when unset or not granted.
  slot: (name) => fromHost(call.slot(name)),
  // What a slot holds, of a type: `text`, `number`, `boolean` or `items`. Another type is a failure.
  typed(name, type) {
    const value = this.slot(name);
    const fits = type === 'items' ? Array.isArray(value) : typeof value === TYPES[type];
    if (value !== undefined && !fits) throw new Failure('failed', `slot ${name} does not hold ${type}`);
    return value;
  },
  set: (name, value) => call.setSlot(name, toHost(value)),
  // Has the host say a response of the domain, with arguments by name.
  say: (response, values = {}) => call.respond(response, Object.entries(values).map(([name, value]) => [name, toHost(value)])),
  // A note for the operator: a level, a code of the plugin's own, fields without caller data.
  log: (level, code, fields = {}) => write(level, code, Object.entries(fields).map(([name, text]) => [name, String(text)])),
};

// What the component exports: actions by the names plugin.yml gives them, each a function of the run.
export function offer(actions) {
  return {
    run(name) {
      const action = actions[name];
      try {
        if (!action) throw new Failure('failed', 'the plugin has no such action');
        action(run);
      } catch (error) {
        // The host's failures come as `payload` too. Anything else is a mistake of the plugin: say where it was made.
        const place = String(error?.stack ?? '').split('\n').slice(0, 3).join(' < ');
        throw Object.assign(new Error(), { payload: error?.payload ?? { kind: 'failed', detail: `${error?.name}: ${error?.message} in ${place}` } });
      }
    },
  };
}
