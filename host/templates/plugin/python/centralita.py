"""What a plugin in Python works with: a run, failures, and the table of its actions.

It came with `centralita plugin new`; nothing here is yours to edit. `Run.send` is there only if plugin.yml asks for a
binding, `Run.query` and `Run.execute` only if it asks for a statement.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import call, failures, log

try:
    from wit_world.imports import http
except ImportError:
    http = None
try:
    from wit_world.imports import records
except ImportError:
    records = None


class Failure(Exception):
    """Why an action did not succeed.

    `kind` is what the flow sees: `refused`, `unavailable`, `busy`, `timeout` or `failed`; `detail` is for the operator,
    without caller data.
    """

    def __init__(self, kind: str, detail: str = ""):
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


def from_host(value):
    """A value of the dialogue as Python has it. Sensitive text is an opaque token: hand it on as it came."""
    if isinstance(value, call.Value_None_):
        return None
    return json.loads(value.value) if isinstance(value, call.Value_Json) else value.value


def to_host(value):
    if value is None:
        return call.Value_None_()
    if isinstance(value, bool):
        return call.Value_Boolean(value)
    if isinstance(value, (int, float)):
        return call.Value_Number(float(value))
    if isinstance(value, str):
        return call.Value_Text(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return call.Value_Items(value)
    return call.Value_Json(json.dumps(value))


def _asked(what, *arguments):
    try:
        return what(*arguments)
    except Err as error:
        raise Failure(error.value.kind, error.value.detail) from None


class Answer:
    """What a binding answered. Any status is an answer."""

    def __init__(self, response):
        self._response = response
        self.status = response.status()

    def header(self, name: str) -> str | None:
        return self._response.header(name)

    def body(self, most: int = 262144) -> bytes:
        return self._response.body(most)

    def json(self, most: int = 262144):
        return json.loads(self.body(most))


class Run:
    """The run that is going on."""

    def now(self) -> str:
        """The moment of the caller's turn, RFC 3339; the same when the run is repeated."""
        return call.now()

    def language(self) -> str:
        """The language of the call, `es-MX`."""
        return call.language()

    def slot(self, name: str, holds: type | None = None):
        """What a slot or a fact of the call holds; None when unset or not granted. Another type than `holds` is a failure."""
        value = from_host(call.slot(name))
        if holds is not None and value is not None and not isinstance(value, holds):
            raise Failure("failed", f"slot {name} does not hold {holds.__name__}")
        return value

    def set(self, name: str, value) -> None:
        call.set_slot(name, to_host(value))

    def say(self, response: str, values: dict | None = None) -> None:
        """Has the host say a response of the domain, with arguments by name."""
        call.respond(response, [(name, to_host(value)) for name, value in (values or {}).items()])

    def log(self, level: str, code: str, fields: dict | None = None) -> None:
        """A note for the operator: a level, a code of the plugin's own, fields without caller data."""
        log.write(level, code, [(name, str(text)) for name, text in (fields or {}).items()])

    def query(self, statement: str, *parameters) -> list[dict]:
        """Rows of a statement that reads, by column."""
        return self._rows(records.query, statement, parameters)

    def execute(self, statement: str, *parameters) -> list[dict]:
        """Rows of a statement that writes, by column."""
        return self._rows(records.execute, statement, parameters)

    def _rows(self, what, statement, parameters):
        found = _asked(what, statement, [to_host(value) for value in parameters])
        return [{column: from_host(value) for column, value in row} for row in found]

    def send(self, binding: str, method: str, path: str, body=None, headers: dict | None = None) -> Answer:
        """Sends a request below the binding's base; a body that is not bytes is sent as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**({"content-type": "application/json"} if data else {}), **(headers or {})}
        return Answer(_asked(http.send, binding, http.Request(method, path, list(headers.items()), data)))


def offer(actions: dict):
    """What the component exports: actions by the names plugin.yml gives them, each a function of the run."""

    class Actions(exports.Actions):
        def run(self, action: str) -> None:
            try:
                if action not in actions:
                    raise Failure("failed", "the plugin has no such action")
                actions[action](Run())
            except Failure as failure:
                raise Err(failures.Failure(failure.kind, failure.detail)) from None
            except Exception as error:
                # A mistake of the plugin: say where it was made. `traceback` would look for the sources, and there are no
                # files here.
                places, at = [], error.__traceback__
                while at is not None:
                    places.append(f"{at.tb_frame.f_code.co_name} at {at.tb_frame.f_code.co_filename.split('/')[-1]}:{at.tb_lineno}")
                    at = at.tb_next
                places = " < ".join(reversed(places[-3:]))
                raise Err(failures.Failure("failed", f"{type(error).__name__}: {error} in {places}")) from None

    return Actions
