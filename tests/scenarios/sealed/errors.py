"""Errors of a clinic: one cause in many shapes, one shape with many causes, and what is none."""

from tests.scenarios.label import Expected, Scenario, error
from tests.scenarios.stage import Stage


def hit(*paths: str, script: str = "clinic_sentry.py"):
    def drive(stage: Stage) -> None:
        clinic = stage.node(script, "desk") if script.endswith(".js") else stage.python(script, "clinic")
        for visitor, path in enumerate(paths):
            clinic.get(path, visitor)

    return drive


def generated(stage: Stage) -> None:
    for release in ("1.0.0", "1.0.1"):
        clinic = stage.python("clinic_sentry.py", "clinic", release)
        for visitor, name in enumerate(("adults", "guests", "staff")):
            clinic.get(f"/rule/{name}", visitor)


def two_bugs(stage: Stage) -> None:
    pages = stage.pages("pages")
    stage.bundle("front.js", "front.min.js", "front@1")
    with stage.browser() as page:
        for _ in range(3):
            for what in ("showFloor", "showNurse"):
                page.open(f"{pages}/rooms.html")
                stage.until(page, f"!!window.{what}")
                page.run(f"{what}()")
                page.run("new Promise(done => setTimeout(() => flushed().then(done), 100))")


def worker(stage: Stage) -> None:
    for words in (("a=1", "b"), ("a=4", "c=2", "seventeen"), ("d",)):
        stage.run("worker.py", *words)
        stage.run("worker.py", "a=1")


def nothing_wrong(stage: Stage) -> None:
    clinic = stage.python("clinic_sentry.py", "clinic")
    for visitor in range(5):
        assert clinic.get("/missing", visitor) == 404
        assert clinic.get("/no-such-page", visitor) == 404
        assert clinic.post("/form", {}, visitor) == 400
        assert clinic.get("/try", visitor) == 200


SCENARIOS = [
    Scenario(
        name="generated_rules",
        family="errors",
        drive=generated,
        expected=(error("limit", events=(6, 6)),),
        story="Rules are compiled from text, under another file name in every process: the bug is in what they call.",
    ),
    Scenario(
        name="quoted_columns",
        family="errors",
        drive=hit(*(f"/column/{name}" for name in ("price", "due-date", "VAT", "ward_7"))),
        expected=(error("column", events=(4, 4)),),
        story="One check complains of four columns, with their names and paths in quotes.",
    ),
    Scenario(
        name="one_wrapper_two_causes",
        family="errors",
        drive=hit("/address", "/insurance", "/address", "/insurance"),
        expected=(error("street", events=(2, 2)), error("insurer", events=(2, 2))),
        story='"The form could not be sent" is said of a missing street and of a division by zero: two bugs'
        ' in one wrapper.',
    ),
    Scenario(
        name="promises_and_callbacks",
        family="errors",
        drive=hit("/await", "/then", "/await", "/then", script="desk.js"),
        expected=(Expected(kinds=("error",), where=("nameOf",), at_most=2),),
        story="The same function fails under Express in an async handler and in a promise; Node's frames"
        " between differ.",
    ),
    Scenario(
        name="in_a_template",
        family="errors",
        drive=hit("/letter", "/letter", "/letter"),
        expected=(error("fee", events=(3, 3)),),
        story="A fee is missing while a template is rendered, with frames of generated template code between.",
    ),
    Scenario(
        name="minified_two_bugs",
        family="errors",
        drive=two_bugs,
        expected=(error("floorOf", events=(3, 3)), error("nurseOf", events=(3, 3))),
        story="Two functions of a minified bundle fail with the same message; its source map was uploaded.",
    ),
    Scenario(
        name="worker_dies",
        family="errors",
        drive=worker,
        expected=(Expected(kinds=("error", "crash"), where=("parse",), events=(3, 3)),),
        story="A worker dies of a line without a value, in three lists of different lengths.",
    ),
    Scenario(
        name="nothing_wrong",
        family="errors",
        drive=nothing_wrong,
        story="Pages that are not there, a form without a name, and a connection that was had at the third try.",
    ),
]
