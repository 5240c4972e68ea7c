"""Where a programme, a booking site and a till spend their time; and where they may."""

import time

from tests.scenarios.label import Play, Scenario, performance
from tests.scenarios.stage import App, Stage

WEEK = (Play(take="visit", times=60, since=6, visitors=25),)
PROBE = {"User-Agent": "GoogleHC/1.0", "X-User": ""}


def ask(app: App, query: str, visitor: int) -> None:
    assert app.post("/graphql", {"query": query}, visitor) == 200


def resolves(stage: Stage, query: str) -> None:
    programme = stage.python("programme.py", "programme", "3.3.0")
    ask(programme, query, 1)
    programme.get("/healthz")
    stage.forget()
    for visitor in range(1, 7):
        with stage.round("visit"):
            ask(programme, query, visitor)
            ask(programme, f"{{ talk(id: {visitor}) {{ name host {{ name }} }} }}", visitor)
            programme.ask("GET", "/healthz", headers=PROBE)


def one_speaker_a_talk(stage: Stage) -> None:
    resolves(stage, "query Programme { talks(first: 20) { name speaker { name } } }")


def hosts_at_once(stage: Stage) -> None:
    resolves(stage, "query Hosts { talks(first: 20) { name host { name } } }")


def polls(stage: Stage) -> None:
    programme = stage.python("programme.py", "programme", "3.3.0")
    programme.get("/healthz")
    stage.forget()
    for visitor in range(1, 4):
        with stage.round("visit"):
            for since in range(3):
                assert programme.get(f"/changes?since={since}", visitor) == (204 if since else 200)
            ask(programme, "{ talks(first: 3) { name } }", visitor)


def stays_visits(stage: Stage, method: str, path: str, body: bytes = b"") -> None:
    stays = stage.python("stays.py", "stays", "2026.11.2")
    stays.ask(method, path, 1, body)
    stays.get("/huts")
    stage.forget()
    for visitor in range(1, 6):
        with stage.round("visit"):
            assert stays.ask(method, path, visitor, body) in (200, 201)
            stays.get("/huts", visitor)
            stays.get("/huts/2", visitor)
            stays.ask("GET", "/healthz", headers=PROBE)


def night_by_night(stage: Stage) -> None:
    nights = "\n".join(["night", *(f"2027-01-{day:02}" for day in range(1, 29))])
    stays_visits(stage, "POST", "/plan", nights.encode())


def four_services(stage: Stage) -> None:
    stays_visits(stage, "GET", "/day")


def each_needs_the_last(stage: Stage) -> None:
    stays_visits(stage, "GET", "/me")


def search_since_a_release(stage: Stage) -> None:
    for take, release, seconds in (("before", "2026.11.2", "0.015"), ("after", "2026.11.3", "1.3")):
        stays = stage.python("stays.py", "stays", release, SEARCH_S=seconds)
        stays.get("/search?q=x")
        stays.get("/huts")
        stage.forget()
        for visitor in range(1, 13):
            with stage.round(take):
                stays.get(f"/search?q=valley+{visitor}", visitor)
                stays.get("/huts", visitor)
                stays.ask("GET", "/healthz", headers=PROBE)


def sells(stage: Stage) -> None:
    till = stage.node("till.js", "till", "12.0.0")
    till.get("/plants")
    till.post("/orders", {})
    stage.forget()
    for visitor in range(1, 13):
        with stage.round("visit"):
            till.get("/plants", visitor)
            assert till.post("/orders", {"plants": ["fern"]}, visitor) == 201
            till.get(f"/orders/{visitor}", visitor)
        time.sleep(0.02)


def opening_hours() -> tuple[Play, ...]:
    """Four weeks until a Saturday noon: open from Monday to Friday, from seven to seven, and nobody at any other time.

    `day` begins at noon that many days before now; 1 is Friday, 6 is Sunday, and 7 is the Saturday before.
    """
    workdays = [day for day in range(1, 28) if day % 7 not in (0, 6)]
    return tuple(
        Play(take="visit", times=24, since=day + 5 / 24, until=day - 7 / 24, visitors=300, first_visitor=1)
        for day in workdays
    )


SCENARIOS = [
    Scenario(
        name="speaker_of_each_talk",
        family="traces",
        drive=one_speaker_a_talk,
        plays=WEEK,
        expected=(performance("n_plus_one_db", "speakers", "/graphql"),),
        story="A GraphQL resolver reads the speaker of each of twenty talks by a query of its own. The same endpoint"
        " answers other questions that are well.",
    ),
    Scenario(
        name="hosts_in_one_go",
        family="traces",
        drive=hosts_at_once,
        plays=WEEK,
        story="The same by a data loader: one query for the talks, and one for all hosts.",
    ),
    Scenario(
        name="waits_for_changes",
        family="traces",
        drive=polls,
        plays=WEEK,
        story="A long poll: two of three are answered with 204 after 2.6 s, as they should.",
    ),
    Scenario(
        name="nights_inserted_singly",
        family="traces",
        drive=night_by_night,
        plays=WEEK,
        expected=(performance("", "stays_booking", "/plan"),),
        story="A warden's plan of 28 nights is inserted in 28 statements, one after the other, in Django's ORM.",
    ),
    Scenario(
        name="day_asks_in_turn",
        family="traces",
        drive=four_services,
        plays=WEEK,
        expected=(performance("consecutive_http", "/day"),),
        story="Weather, avalanches, trains and huts are asked one after the other, 190 ms each, and none needs what"
        " another said.",
    ),
    Scenario(
        name="card_by_three_steps",
        family="traces",
        drive=each_needs_the_last,
        plays=WEEK,
        story="A token, then the account that it is for, then the card of the account's club: each address has in it"
        " what the answer before said, and nothing could be asked at once.",
    ),
    Scenario(
        name="search_since_2026_11_3",
        family="traces",
        drive=search_since_a_release,
        plays=(
            Play(take="before", times=400, since=16, until=5, visitors=150),
            Play(take="after", times=200, since=5, visitors=150),
        ),
        expected=(performance("", "/search", "stays_hut", "LIKE"),),
        story="Since a release the search's one query takes 1.3 s instead of nothing: slow query and slow route are"
        " one cause.",
    ),
    Scenario(
        name="closed_on_saturdays",
        family="traces",
        drive=sells,
        plays=opening_hours(),
        story="A wholesale till is used from Monday to Friday, seven to seven. It is Saturday noon, and nobody buys.",
    ),
]
