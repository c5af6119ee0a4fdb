"""Tells the caller the time, in the project's time zone. The sentence itself is `utter_SNAKE` in the domain."""

import re

from centralita import Failure, Run, offer


def tell(run: Run) -> None:
    time = re.search(r"T(\d\d):(\d\d)", run.now())
    if time is None:
        raise Failure("failed", "the host gave no time")
    run.say("utter_SNAKE", {"time": f"{int(time[1])}:{time[2]}"})


Actions = offer({"action_SNAKE": tell})
