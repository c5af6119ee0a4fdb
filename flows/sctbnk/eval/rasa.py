"""How well Rasa's own pipeline understands what `centralita eval` judges.

    python3.10 -m venv /tmp/rasa-venv            # Rasa 3.6 runs on Python 3.8 to 3.10; with pyenv: PYENV_VERSION=3.10.13 python -m venv …
    /tmp/rasa-venv/bin/pip install 'pip<24.1' 'setuptools<70'
    /tmp/rasa-venv/bin/pip install rasa==3.6.21
    /tmp/rasa-venv/bin/python flows/sctbnk/eval/rasa.py flows/sctbnk

Trains Rasa (DIET) on the project's `data/nlu.yml`, as it stands, in a folder that is removed afterwards, and has it parse
every labelled utterance of `eval/*.yml` that is said while nothing is asked. Prints Markdown: a table for each threshold of the
fallback classifier with the columns of `centralita eval`, how long training and parsing took, and how much memory. What the
clock says counts what else the machine did meanwhile; the processor's time does not. `taskset -c 1` keeps all of it to one core.

    --at T          a threshold (may be given again); left out: 0.7 and 0.4. 0 takes what ranks first, however unsure
    --ambiguity D   how far the first intent must be ahead of the second; left out: 0.1, as in Rasa
    --epochs N      left out: 100, which over 4,000 examples take one busy core more than half an hour
    --seed N        of DIET's weights; left out: 1
    --misses        every utterance that is not understood, too

What an intent stands for is what it leads to in Centralita: the flow whose `nlu_trigger` names it, or `person`, `repeat` and
`cancel` for the patterns. One that leads to no flow (`off_topic`, `fragment`) starts nothing: `none`, as does one below the
threshold. Groups with `asks` are left out: what answers an open question has no intents in this training file (Rasa's
assistants had `affirm` and `deny`), and inventing some would measure the inventor. So are attacks (`obeys`).
"""

import sys

# This file is called `rasa` too, and Python looks into its folder first.
sys.path.pop(0)

import argparse
import asyncio
import collections
import importlib.metadata
import logging
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import time

from ruamel.yaml import YAML

# The pipeline of `rasa init`, whose ResponseSelector would have nothing to select from here.
CONFIG = """\
recipe: default.v1
language: es
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
  random_seed: {seed}
- name: EntitySynonymMapper
- name: FallbackClassifier
  threshold: {threshold}
  ambiguity_threshold: {ambiguity}
"""
FALLBACK = "nlu_fallback"
PATTERNS = {"pattern_human_handoff": "person", "pattern_repeat_bot_messages": "repeat", "pattern_cancel_flow": "cancel"}

Labelled = collections.namedtuple("Labelled", "file says expect label")
Trigger = collections.namedtuple("Trigger", "label least")
Heard = collections.namedtuple("Heard", "ranking fallback clock processor")


def read(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


# What is judged.


def labelled(folder):
    """Every labelled utterance that is said while nothing is asked."""
    for file in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        for group in read(file) or []:
            if "asks" not in group and "obeys" not in group:
                for says in lines(group["says"]):
                    yield Labelled(file.name, says, str(group["expect"]), str(group.get("label", group["expect"])))


def lines(says):
    """A list, or a text whose lines begin with `- `."""
    if isinstance(says, list):
        return [str(line) for line in says]
    stripped = (line.strip() for line in says.splitlines())
    return [line[1:].strip() for line in stripped if line.startswith("-") and line[1:].strip()]


# What an intent stands for.


def triggers(project):
    """By intent, what it leads to at the beginning of a call; in the order of the flows, of which the first wins."""
    slots = {}
    for file in sorted((project / "domain").glob("*.yml")):
        slots.update((read(file) or {}).get("slots") or {})
    led = collections.defaultdict(list)
    for file in sorted((project / "data").rglob("*.yml")):
        for name, flow in ((read(file) or {}).get("flows") or {}).items():
            if is_open(flow.get("if", True), slots):
                for trigger in flow.get("nlu_trigger", []):
                    intent = trigger["intent"]
                    intent = intent if isinstance(intent, dict) else {"name": intent}
                    led[intent["name"]].append(Trigger(PATTERNS.get(name, name), intent.get("confidence_threshold", 0.0)))
    return led


def is_open(guard, slots):
    """Whether a flow may start before anything has happened; only guards of one slot are understood here."""
    if isinstance(guard, bool):
        return guard
    found = re.fullmatch(r"(not )?slots\.(\w+)", guard.strip())
    if not found:
        sys.exit(f"the guard `{guard}` is more than `slots.NAME` or `not slots.NAME`; teach it to is_open in {__file__}")
    return bool((slots.get(found[2]) or {}).get("initial_value")) != bool(found[1])


def taken_for(heard, led, threshold, ambiguity):
    """What an utterance is taken for at a threshold, by the rule of Rasa's FallbackClassifier."""
    if is_unsure(heard.ranking, threshold, ambiguity):
        return "none"
    name, confidence = heard.ranking[0]
    return next((trigger.label for trigger in led.get(name, []) if confidence >= trigger.least), "none")


def is_unsure(ranking, threshold, ambiguity):
    if not ranking:
        return True
    best, second = ranking[0][1], ranking[1][1] if len(ranking) > 1 else 0.0
    return threshold > 0 and (best < threshold or best - second < ambiguity)


# Rasa.


def train(examples, config, folder):
    """Trains in a process of its own, so that its memory does not count as that of parsing. Seconds by the clock, and the model."""
    (folder / "config.yml").write_text(config, encoding="utf-8")
    options = ["--config", "config.yml", "--nlu", str(examples), "--out", "models", "--fixed-model-name", "diet"]
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "rasa", "train", "nlu", *options], cwd=folder, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit("rasa train nlu failed; what it said stands above")
    return seconds, folder / "models" / "diet.tar.gz"


async def parse(model, texts):
    """What Rasa makes of each text: intents with their confidence, whether it fell back, how long it took."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(str(model))
    await agent.parse_message("hola")  # the first one also builds TensorFlow's graph
    all_heard = []
    for text in texts:
        clock, processor = time.perf_counter(), time.process_time()
        parsed = await agent.parse_message(text)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        ranking = [(intent["name"], intent["confidence"]) for intent in parsed["intent_ranking"] if intent["name"] != FALLBACK]
        all_heard.append(Heard(ranking, parsed["intent"]["name"] == FALLBACK, clock, processor))
    return all_heard


# Figures, as host/src/eval/figures.rs counts them.


def table(utterances, got):
    rows = ["| asked | label | count | recall | precision | taken for |", "|---|---|---|---|---|---|"]
    pairs = list(zip(utterances, got))
    for label in sorted({utterance.label for utterance in utterances}):
        own = [(utterance, taken) for utterance, taken in pairs if utterance.label == label]
        stands_for = {utterance.expect for utterance, _ in own}
        taken_as_it = [utterance.expect == taken for utterance, taken in pairs if taken in stands_for]
        recall = percent(sum(utterance.expect == taken for utterance, taken in own), len(own))
        precision = percent(sum(taken_as_it), len(taken_as_it)) if taken_as_it else "-"
        others = collections.Counter(taken for utterance, taken in own if utterance.expect != taken)
        others = ", ".join(f"{taken} {count}" for taken, count in sorted(others.items(), key=lambda other: (-other[1], other[0])))
        rows.append(f"| (nothing) | {label} | {len(own)} | {recall} | {precision} | {others} |")
    return "\n".join(rows)


def percent(part, whole):
    return f"{100 * part / whole:.1f} %"


def times(seconds):
    seconds = sorted(seconds)
    p50, p99 = (1000 * seconds[min(len(seconds) * hundredths // 100, len(seconds) - 1)] for hundredths in (50, 99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def resident():
    """Of this process, now, in MiB."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=pathlib.Path)
    parser.add_argument("--at", type=float, action="append", metavar="T")
    parser.add_argument("--ambiguity", type=float, default=0.1, metavar="D")
    parser.add_argument("--epochs", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    given.at = given.at or [0.7, 0.4]
    return given


def main():
    given = arguments()
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3", LOG_LEVEL="ERROR", SQLALCHEMY_SILENCE_UBER_WARNING="1")
    utterances = list(labelled(given.project / "eval"))
    if not utterances:
        sys.exit(f"nothing is said under {given.project / 'eval'} while nothing is asked")
    led = triggers(given.project)
    examples = (given.project / "data" / "nlu.yml").resolve()
    config = CONFIG.format(epochs=given.epochs, seed=given.seed, threshold=given.at[0], ambiguity=given.ambiguity)
    with tempfile.TemporaryDirectory() as folder:
        training, model = train(examples, config, pathlib.Path(folder))
        parsed = asyncio.run(parse(model, [utterance.says for utterance in utterances]))
    # The first threshold is Rasa's own doing; that ours says the same lets the others be read off the same ranking.
    for utterance, heard in zip(utterances, parsed):
        if given.at[0] > 0 and heard.fallback != is_unsure(heard.ranking, given.at[0], given.ambiguity):
            sys.exit(f"Rasa's FallbackClassifier and is_unsure in {__file__} differ on {utterance.says!r}")
    intents = {entry["intent"] for entry in read(examples)["nlu"] if "intent" in entry}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"Rasa {importlib.metadata.version('rasa')}, DIET, {given.epochs} epochs, seed {given.seed}, on {len(intents)} intents of {examples.name}.")
    print(f"Training took {training:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of processor) and {used.ru_maxrss // 1024} MiB at most.")
    print(f"Parsing took {times(heard.clock for heard in parsed)} ({times(heard.processor for heard in parsed)} of processor), in {resident()} MiB.")
    print(f"Intents that start nothing: {', '.join(sorted(intents - led.keys())) or 'none'}. Groups with `asks` are left out.")
    for threshold in given.at:
        got = [taken_for(heard, led, threshold, given.ambiguity) for heard in parsed]
        missed = [(utterance, taken) for utterance, taken in zip(utterances, got) if utterance.expect != taken]
        print(f"\nFallback below {threshold:g}: {len(utterances)} utterances, {len(missed)} not understood.\n\n{table(utterances, got)}")
        if given.misses:
            print()
            for utterance, taken in missed:
                print(f"{utterance.file}: {utterance.says!r} is {utterance.expect}, was taken for {taken}")


main()
