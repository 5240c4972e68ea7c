"""Traces of a depot: what costs time, and what takes its time without anybody who waits."""

import time

from tests.scenarios.label import Play, Scenario, performance
from tests.scenarios.stage import Stage

WEEK = (Play(take="visit", times=60, since=6, visitors=25),)


def exports(stage: Stage) -> None:
    gate = stage.python("gate.py", "gate")
    gate.get("/lanes")
    stage.forget()
    for visitor in range(1, 4):
        with stage.round("visit"):
            assert gate.post("/exports", {}, visitor) == 202
            for _ in range(7):
                time.sleep(1)
                gate.get(f"/exports/{visitor}", visitor)


def listens(stage: Stage) -> None:
    routes = stage.node("routes.js", "routes")
    routes.get("/drivers")
    stage.forget()
    for visitor in range(1, 5):
        with stage.round("visit"):
            routes.get("/events", visitor)
            routes.get("/drivers", visitor)


def maps(stage: Stage) -> None:
    routes = stage.node("routes.js", "routes")
    for path in ("/tours/1/map", "/drivers"):
        routes.get(path)
    stage.forget()
    for visitor in range(1, 9):
        with stage.round("visit"):
            routes.get(f"/tours/{visitor}/map", visitor)
            routes.get("/drivers", visitor)


def releases(stage: Stage) -> None:
    for take, release, slower in (("before", "3.1.0", "1"), ("after", "3.2.0", "1.8")):
        routes = stage.node("routes.js", "routes", release, SLOWER=slower)
        routes.get("/drivers")
        stage.forget()
        for visitor in range(1, 21):
            with stage.round(take):
                routes.get("/estimates", visitor)
                routes.get("/drivers", visitor)


SCENARIOS = [
    Scenario(
        name="places_of_a_tour",
        family="traces",
        drive=maps,
        plays=WEEK,
        expected=(performance("n_plus_one_api", "/tours", "map", "/places"),),
        story="An Express route asks a geocoder for each of nine stops, one after the other, for every map.",
    ),
    Scenario(
        name="estimates_since_a_release",
        family="traces",
        drive=releases,
        plays=(
            Play(take="before", times=600, since=21, until=7, visitors=200),
            Play(take="after", times=300, since=7, visitors=200),
        ),
        expected=(performance("latency_regression", "/estimates"),),
        story="Since release 3.2.0 of an Express app estimates take 1.8 times as long; its drivers do not.",
    ),
    Scenario(
        name="export_nobody_waits_for",
        family="traces",
        drive=exports,
        plays=WEEK,
        story="An export is accepted with 202 and made within six seconds by a consumer; its state is asked for"
        " every second.",
    ),
    Scenario(
        name="events_while_listening",
        family="traces",
        drive=listens,
        plays=WEEK,
        story="Server-sent events: the answer takes as long as somebody listens.",
    ),
]
