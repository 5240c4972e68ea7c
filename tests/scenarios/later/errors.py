"""Errors of a courier: out of sight, in groups, in four languages; and answers that only look like errors."""

from tests.scenarios.drives import Drive
from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import App, Stage

PROBE = {"User-Agent": "kube-probe/1.31", "X-User": ""}
SCANNER = {"User-Agent": "Mozilla/5.0 zgrab/0.x", "X-User": ""}


def fleet_gets(*paths: str) -> Drive:
    def drive(stage: Stage) -> None:
        fleet = stage.python("fleet.py", "fleet")
        for visitor, path in enumerate(paths, 1):
            fleet.get(path, visitor)

    return drive


def delivers(stage: Stage) -> None:
    fleet = stage.python("fleet.py", "fleet")
    for number in (4, 118, 90210, 77):
        assert fleet.post(f"/deliveries/{number}", {}, number) == 200


def weighs(stage: Stage) -> None:
    yard = stage.node("yard.js", "yard")
    for visitor, language in enumerate(("en", "de", "fr", "fi", "de", "en"), 1):
        yard.post(f"/scales/{language}", {"weight": 900 * visitor}, visitor)


def refunds(stage: Stage) -> None:
    yard = stage.node("yard.js", "yard")
    for visitor, number in enumerate((4711, 12, 900331, 58, 6006), 1):
        assert yard.post(f"/refunds/{number}", {}, visitor) == 200


def corrects(stage: Stage) -> None:
    fleet = stage.python("fleet.py", "fleet")
    for visitor in range(1, 5):
        said = [
            fleet.post("/parcels", {"number": visitor}, visitor),
            fleet.post("/parcels", {"number": visitor, "weight": 99}, visitor),
            fleet.post("/parcels", {"number": visitor, "weight": 9}, visitor),
            fleet.post("/parcels", {"number": visitor, "weight": 9}, visitor),
            fleet.get("/me", visitor, X_Password="wrong"),
            fleet.get("/me", visitor, X_Password="right"),
            *(fleet.get("/positions", visitor) for _ in range(3)),
        ]
        assert said == [422, 422, 201, 409, 401, 200, 200, 429, 200], said


def deploys(stage: Stage) -> None:
    for number in range(3):
        gate = stage.python("gate.py", "gate", f"4.{number}.0", READY_AFTER="8")
        with stage.round("deploy"):
            assert [gate.ask("GET", "/readyz", headers=PROBE) for _ in range(10)] == [503] * 8 + [200] * 2
            for visitor in range(1, 7):
                gate.get("/lanes", visitor)


def scans(gate: App) -> None:
    for number in range(10):
        for path in ("/.env", "/wp-login.php", f"/cgi-bin/{number}.sh", "/phpmyadmin/"):
            assert gate.ask("GET", path, headers=SCANNER) == 404
        assert gate.ask("POST", "/arrivals", body=b"\x00{${jndi:x}", headers=SCANNER) == 400


def scanned(stage: Stage) -> None:
    for take, release in (("before", "4.0.0"), ("after", "4.1.0")):
        gate = stage.python("gate.py", "gate", release)
        gate.get("/lanes")
        stage.forget()
        for visitor in range(1, 7):
            with stage.round(take):
                gate.get("/lanes", visitor)
                gate.post("/arrivals", {"plate": "B-1"}, visitor)
    for _ in range(2):
        with stage.round("scan"):
            scans(gate)


SCENARIOS = [
    Scenario(
        name="receipt_after_the_answer",
        family="errors",
        drive=delivers,
        expected=(error("send_receipt", events=(4, 4)),),
        story="Each delivery is answered with 200, and then its receipt fails in the background, with another number"
        " and address each time: one bug that no status tells of.",
    ),
    Scenario(
        name="tasks_in_a_group",
        family="errors",
        drive=fleet_gets("/etas/2", "/etas/4", "/etas/6", "/etas/2", "/etas/8"),
        expected=(error("eta_of", events=(5, 5)),),
        story="A task group fails with one to four sub-exceptions of the same function: one bug, once a request.",
    ),
    Scenario(
        name="one_route_two_keys",
        family="errors",
        drive=fleet_gets("/costs/1", "/costs/2", "/costs/3", "/costs/4", "/costs/5"),
        expected=(error("toll_of", events=(3, 3)), error("fuel_of", events=(2, 2))),
        story="In one route two functions miss the same key: the same type and message, and two bugs.",
    ),
    Scenario(
        name="too_heavy_in_four_languages",
        family="errors",
        drive=weighs,
        expected=(error("axleLoad", events=(6, 6)),),
        story="One check of an Express app throws in the language of whoever asks, with the weight: one bug.",
    ),
    Scenario(
        name="rejected_with_a_string",
        family="errors",
        drive=refunds,
        expected=(error("declined", events=(5, 5)),),
        story="A promise is rejected with a string, in which the number of the refund stands, after the answer was"
        " given: one bug, not five.",
    ),
    Scenario(
        name="refused_and_corrected",
        family="errors",
        drive=corrects,
        story="A weight that is missing or too much, a number that is taken, a wrong password, asked too often: each"
        " is refused as it should be, and right at the next try.",
    ),
    Scenario(
        name="not_ready_yet",
        family="errors",
        drive=deploys,
        plays=(Play(take="deploy", times=12, since=6, visitors=40),),
        story="After each deploy the readiness probe says 503 until the caches are full; nobody else sees it.",
    ),
    Scenario(
        name="scanner_after_the_deploy",
        family="errors",
        drive=scanned,
        plays=(
            Play(take="before", times=200, since=7, until=0.5, visitors=60),
            Play(take="after", times=20, since=0.5, visitors=20),
            Play(take="scan", times=6, since=0.4, until=0.3),
        ),
        story="Some hours after a deploy a scanner asks for /.env and worse three hundred times, and gets 404 and 400.",
    ),
]
