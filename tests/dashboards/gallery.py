"""A Warehouse with one Finding in every state of its life, and one made of hostile text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path

from improver.config import Settings
from improver.model import (
    Attempt,
    AttemptReason,
    AttemptStatus,
    Autonomy,
    Budget,
    Commit,
    Criterion,
    CriterionKind,
    Finding,
    FindingKind,
    FindingStatus,
    Frame,
    Isolation,
    Location,
    Outcome,
    OutcomeKind,
    Result,
    Score,
    Severity,
    SkipReason,
    Spec,
    Trend,
    TrustLabel,
    Verdict,
)
from improver.opening import passing_runtime
from improver.runtime import Presence, Runtime
from improver.warehouse import records
from tests.world import git

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PAYLOAD = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }}</pre></title>"
    "</textarea><svg/onload=document.title='owned'>\x1b[31m\u202e'\"--><a href=javascript:alert(1)>"
)
TODO = '''\
"""The to-do list."""

from flask import Flask, abort, redirect, request

from todo import store

app = Flask(__name__)


@app.post("/todos/<int:number>")
def edit(number: int):
    todo = store.find(number) or abort(404)
    text = request.form["text"]
    progress = compute(text)
    todo.rename(text, progress)
    return redirect("/")


def compute(text: str) -> float:
    """How many of the words are done."""
    words = text.split()
    done = [word for word in words if word.startswith("x:")]
    return len(done) / len(words)
'''
FIXED = TODO.replace("    return len(done)", "    if not words:\n        return 0.0\n    return len(done)")
TEST = """\
from todo.app import compute


def test_an_empty_text_is_no_progress():
    assert compute("") == 0.0
"""


def frame(filename: str, function: str, lineno: int, in_app: bool = True, **fields: object) -> Frame:
    module = filename.removesuffix(".py").replace("/", ".")
    made = Frame(filename=filename, module=module, function=function, lineno=lineno, in_app=in_app)
    return replace(made, **fields)  # type: ignore[arg-type]


STACK = (
    frame("flask/app.py", "wsgi_app", 1511, in_app=False),
    frame("flask/app.py", "full_dispatch_request", 917, in_app=False),
    frame("flask/app.py", "dispatch_request", 902, in_app=False),
    frame("todo/app.py", "edit", 14),
    frame("todo/app.py", "compute", 23),
)


class Gallery:
    """Writes records as the stages would."""

    def __init__(self, runtime: Runtime, repo: Path) -> None:
        self.runtime = runtime
        self.repo = repo
        self.base = git(repo, "rev-parse", "main")
        self.fix = git(repo, "rev-parse", "fix")
        self.evil = git(repo, "rev-parse", "evil")

    def finding(self, finding_id: str, title: str, **fields: object) -> Finding:
        made = Finding(
            id=finding_id,
            kind=FindingKind.ERROR,
            target="todo",
            environment="production",
            service="todo-web",
            fingerprint=f"v1:{finding_id[::-1]}e0a1",
            title=title,
            status=FindingStatus.OPEN,
            first_seen=NOW - timedelta(days=5, hours=3),
            last_seen=NOW - timedelta(minutes=4),
            updated_at=NOW,
            events=214,
            events_week=214,
            users=38,
            hourly=busy(214),
            exposures=214,
            failures=214,
            route="POST /todos/<number>",
            sources=("sentry",),
            evidence=tuple(f"{finding_id}{n:04x}" for n in range(12)),
            frames=STACK,
            trust=TrustLabel.SERVER,
            release="todo@1.4.2",
            trend=Trend.NEW,
            location=self.location(),
            score=Score(
                value=1284.0,
                minutes_per_week=642.0,
                reasons=(
                    "642 min a week: 214 × 3 min",
                    "3 min each: assumed, as too few who met it were seen before or afterwards",
                    "trend × 2: new, 10–30 were forecast, 90 seen in the last day",
                    "fixability × 1: it points at todo/app.py; it repeats, 214 of 214 runs failed so",
                    "users: 38 of 60 who were there, about 35% allowing for chance",
                    "severity P0: about 35% of all users",
                ),
                severity=Severity.P0,
                forecast=(10, 30),
            ),
        )
        changed: Finding = replace(made, **fields)  # type: ignore[arg-type]
        self.put(changed)
        return changed

    def location(self) -> Location:
        suspects = (
            Commit(sha=self.base, author="Ann", at=NOW - timedelta(days=6), subject="Show the progress of a to-do"),
        )
        return Location(file="todo/app.py", revision=self.base, function="compute", line=23, suspects=suspects)

    def spec(self, finding: Finding) -> Spec:
        always = finding.failures >= finding.exposures
        made = Spec(
            id=f"spec{finding.id[:8]}",
            finding_id=finding.id,
            kind=finding.kind,
            target=finding.target,
            base=self.base,
            branch="main",
            location=finding.location,
            criterion=Criterion(
                kind=CriterionKind.DETERMINISTIC if always else CriterionKind.STATISTICAL,
                query="recurrence",
                denominator="runs of the same route",
                baseline_failures=finding.failures,
                baseline_exposures=finding.exposures,
                window_days=7,
                minimum_exposures=3 if always else 10,
            ),
            budget=Budget(wall_clock_s=1800, turns=40, usd=5.0, files=20, lines=400),
            allowed_paths=("**",),
            protected_paths=(".github/**",),
            acceptance=(
                "At least one new or changed test fails on the base revision, and passes with the change.",
                "The target's tests pass: `python -m pytest -q`.",
                "Only allowed paths are changed, and no protected one.",
            ),
            evidence=("evidence/event-1.json", "evidence/finding.json"),
            created_at=NOW - timedelta(hours=3),
            markdown="---\nid: spec\n---\n\n# Spec: an error\n\n## Problem\n`compute` fails while in use.\n",
        )
        self.put(made)
        return made

    def attempt(self, finding: Finding, number: int, status: AttemptStatus, **fields: object) -> Attempt:
        made = Attempt(
            id=f"{finding.id[:8]}000{number}",
            finding_id=finding.id,
            spec_id=f"spec{finding.id[:8]}",
            target="todo",
            number=number,
            status=status,
            agent="claude",
            isolation=Isolation.BUBBLEWRAP,
            autonomy=Autonomy.COMMIT,
            autonomy_reasons=("commit: the target's autonomy is commit", "commit: its evidence is server"),
            base=self.base,
            branch=f"improver/{finding.id}/{number}",
            claimed_at=NOW - timedelta(hours=3 - number),
            updated_at=NOW,
        )
        changed: Attempt = replace(made, **fields)  # type: ignore[arg-type]
        self.put(changed)
        return changed

    def outcome(self, attempt: Attempt, kind: OutcomeKind, detail: str, **fields: object) -> Outcome:
        made = Outcome(
            id=f"outcome-{attempt.id}",
            finding_id=attempt.finding_id,
            attempt_id=attempt.id,
            target="todo",
            kind=kind,
            deployed_at=NOW - timedelta(hours=20),
            decided_at=NOW - timedelta(hours=1),
            exposures=412,
            recurrences=0,
            detail=detail,
        )
        changed: Outcome = replace(made, **fields)  # type: ignore[arg-type]
        self.put(changed)
        return changed

    def put(self, record: object) -> None:
        with self.runtime.warehouse.state.transaction() as writer:
            records.put(writer, record)


def busy(total: int) -> tuple[int, ...]:
    """A week that got worse, the nights quiet."""
    weights = [(1 + hour // 24) * (3 if 8 <= hour % 24 <= 20 else 0.2) for hour in range(168)]
    reached = [round(total * part / sum(weights)) for part in accumulate(weights)]
    return tuple(after - before for before, after in pairwise([0, *reached]))


def fallen(total: int) -> tuple[int, ...]:
    return tuple(reversed(busy(total)))


def make_repo(folder: Path) -> Path:
    """The to-do app on branch main, and its fix on branch fix."""
    (folder / "todo").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "todo" / "app.py").write_text(TODO)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Show the progress of a to-do")
    git(folder, "checkout", "-qb", "fix")
    (folder / "todo" / "app.py").write_text(FIXED)
    (folder / "tests" / "test_progress.py").write_text(TEST)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "No progress in an empty text")
    git(folder, "checkout", "-q", "-b", "evil", "main")
    (folder / "<img src=x onerror=alert(1)>.py").write_text(f"{PAYLOAD}\n</span></pre><script>alert(1)</script>\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "A hostile change")
    git(folder, "checkout", "-q", "main")
    return folder


@contextmanager
def opened(folder: Path, **settings: object) -> Iterator[Runtime]:
    """A Runtime without telemetry, as a daemon would have it."""
    chosen = Settings(**({"data_dir": folder / "data"} | settings))  # type: ignore[arg-type]
    presence = Presence(running=True, pid=4711, ingest="http://127.0.0.1:4318", web="http://127.0.0.1:4319")
    with passing_runtime(chosen, clock=lambda: NOW) as runtime:
        yield replace(runtime, presence=presence, probe=lambda: Isolation.BUBBLEWRAP)


@contextmanager
def hung(folder: Path, **settings: object) -> Iterator[Gallery]:
    """A Runtime with a Finding in every state, on a real repository."""
    repo = make_repo(folder / "checkout")
    targets = {"todo": {"repo": repo, "autonomy": "commit", "agent": "claude"}}
    with opened(folder, **({"targets": targets} | settings)) as runtime:
        gallery = Gallery(runtime, repo)
        fill(gallery)
        yield gallery


def fill(gallery: Gallery) -> None:
    held(gallery)
    refused(gallery)
    gallery.spec(gallery.finding("b1c2d3e4f5a6", "KeyError: 'text'", status=FindingStatus.ATTEMPTING, **smaller(84, 9)))
    at_work = gallery.finding(
        "b1c2d3e4f5a7",
        "IntegrityError: UNIQUE constraint failed: todos.position",
        status=FindingStatus.ATTEMPTING,
        trend=Trend.ESCALATING,
        sources=("otlp", "sentry"),
        **smaller(61, 12),
    )
    gallery.spec(at_work)
    gallery.attempt(at_work, 1, AttemptStatus.RUNNING)
    gallery.finding(
        "c1d2e3f4a5b6",
        "Segmentation fault in PIL/ImageFont",
        kind=FindingKind.CRASH,
        location=None,
        frames=(),
        skipped=SkipReason.NO_LOCATION,
        trend=Trend.STEADY,
        sources=("crash",),
        route="",
        exposures=0,
        **smaller(5, 0),
    )
    gallery.finding(
        "d1e2f3a4b5c6",
        "TimeoutError: the mail server did not answer within 10 s",
        status=FindingStatus.DELIVERED,
        trend=Trend.FALLING,
        **smaller(33, 21),
    )
    gallery.finding(
        "e1f2a3b4c5d6",
        "OperationalError: database is locked",
        status=FindingStatus.DEPLOYED,
        trend=Trend.FALLING,
        environment="staging",
        **smaller(12, 2),
    )
    gallery.finding(
        "a9b8c7d6e5f4",
        "ConnectionResetError: [Errno 104] Connection reset by peer",
        status=FindingStatus.DISMISSED,
        dismissed_reason="third_party",
        **smaller(9, 4),
    )
    hostile(gallery)


def smaller(events: int, users: int) -> dict[str, object]:
    minutes = events * 3.0
    reasons = (
        f"{minutes:g} min a week: {events} × 3 min",
        "trend × 1: steady, 1–9 were forecast, 5 seen in the last day",
    )
    return {
        "events": events,
        "events_week": events,
        "users": users,
        "hourly": busy(events),
        "failures": events,
        "score": Score(value=minutes, minutes_per_week=minutes, reasons=reasons),
    }


GATES = (
    Verdict(gate="non_empty", result=Result.PASSED, detail="2 files changed"),
    Verdict(gate="size", result=Result.PASSED, detail="8 lines in 2 files"),
    Verdict(gate="protected_paths", result=Result.PASSED),
    Verdict(
        gate="tests", result=Result.PASSED, detail="12 passed in 0.8 s", output="............\n12 passed in 0.81s\n"
    ),
    Verdict(
        gate="red_green",
        result=Result.PASSED,
        detail="tests/test_progress.py fails without the change and passes with it",
    ),
)


def held(gallery: Gallery) -> None:
    finding = gallery.finding(
        "9f8e7d6c5b4a",
        "ZeroDivisionError: division by zero",
        status=FindingStatus.HELD,
        trend=Trend.FALLING,
        hourly=fallen(214),
    )
    gallery.spec(finding)
    first = gallery.attempt(
        finding,
        1,
        AttemptStatus.FAILED,
        reason=AttemptReason.GATE_FAILED,
        commit=gallery.fix,
        usd=0.31,
        tokens=18_240,
        detail="red_green: the new test passes without the change",
        ended_at=NOW - timedelta(hours=1, minutes=52),
        verdicts=(
            *GATES[:4],
            Verdict(
                gate="red_green",
                result=Result.FAILED,
                reason="not_red",
                detail="the new test passes on the base revision",
                output="tests/test_progress.py::test_an_empty_text_is_no_progress PASSED\n",
            ),
        ),
        summary="I added a guard and a test.",
    )
    assert first.number == 1
    second = gallery.attempt(
        finding,
        2,
        AttemptStatus.DELIVERED,
        commit=gallery.fix,
        usd=0.42,
        tokens=21_077,
        verdicts=GATES,
        delivered=Autonomy.COMMIT,
        delivered_commit=gallery.fix,
        ended_at=NOW - timedelta(minutes=57),
        summary="compute() divided by the number of words, which is 0 for an empty text. It returns 0.0 then.",
    )
    gallery.outcome(second, OutcomeKind.HELD, "3 were needed.")


def refused(gallery: Gallery) -> None:
    """A Finding whose every try failed, one of them because of what the change did."""
    finding = gallery.finding(
        "8a7b6c5d4e3f",
        "OperationalError: no such column: todos.finished_at",
        skipped=SkipReason.TRIES_EXHAUSTED,
        trend=Trend.REGRESSED,
        sources=("log", "sentry"),
    )
    gallery.spec(finding)
    gallery.attempt(
        finding,
        1,
        AttemptStatus.FAILED,
        reason=AttemptReason.TIMEOUT,
        ended_at=NOW,
        isolation=Isolation.HOST,
        agent="command",
        detail="stopped after 30 minutes",
    )


def hostile(gallery: Gallery) -> None:
    finding = gallery.finding(
        "0bad0bad0bad",
        PAYLOAD,
        service=PAYLOAD,
        route=PAYLOAD,
        release=PAYLOAD,
        sources=(PAYLOAD,),
        environment=PAYLOAD,
        frames=(frame(PAYLOAD, PAYLOAD, 3, module=PAYLOAD, context_line=PAYLOAD), frame("todo/app.py", PAYLOAD, 23)),
        location=replace(
            gallery.location(),
            function=PAYLOAD,
            suspects=(Commit(sha=gallery.base, author=PAYLOAD, at=NOW, subject=PAYLOAD),),
        ),
        score=Score(value=3.0, minutes_per_week=3.0, reasons=(PAYLOAD,)),
        evidence=(PAYLOAD,),
    )
    spec = gallery.spec(finding)
    gallery.put(replace(spec, markdown=PAYLOAD, acceptance=(PAYLOAD,), allowed_paths=(PAYLOAD,)))
    attempt = gallery.attempt(
        finding,
        1,
        AttemptStatus.DELIVERED,
        commit=gallery.evil,
        summary=PAYLOAD,
        detail=PAYLOAD,
        agent=PAYLOAD,
        url="javascript:alert(1)",
        delivered=Autonomy.BRANCH,
        delivered_commit=gallery.fix,
        ended_at=NOW,
        autonomy_reasons=(PAYLOAD,),
        verdicts=(Verdict(gate="tests", result=Result.PASSED, reason=PAYLOAD, detail=PAYLOAD, output=PAYLOAD),),
    )
    gallery.outcome(attempt, OutcomeKind.INCONCLUSIVE, PAYLOAD)
