"""What can be said below a pull request: who may approve, what is a command, and what an approval does."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from improver import act, pipeline, read
from improver.config import Target
from improver.delivery import pull_comments, pulls
from improver.dispatching import attempts, ledger
from improver.model import Attempt, AttemptStatus, Finding, FindingStatus, Pull, TrustLabel
from improver.warehouse import records
from tests import world
from tests.forges.delivering import (
    REPOSITORY,
    Death,
    Mortal,
    about_to_be_delivered,
    delivered_unjudged,
    looked,
    make_shop,
    with_forge,
)
from tests.forges.fake_forge import BOT, OPENER
from tests.forges.fake_github import FakeGitHub

DRAFT = {"approval": "change", "draft_for_approval": True}


@pytest.fixture
def shop(tmp_path):
    return make_shop(tmp_path)


@pytest.fixture
def forge(tmp_path, shop):
    with FakeGitHub(tmp_path / "remote.git", REPOSITORY) as running:
        yield running


@pytest.fixture
def clock():
    return world.Clock()


@pytest.fixture
def runtime(tmp_path, shop, forge, clock):
    chosen = with_forge(tmp_path, shop, forge, **DRAFT)
    chosen = chosen.model_copy(update={"channels": {"file": {"path": str(tmp_path / "told.md")}}})
    with world.opened(chosen, clock) as opened:
        yield opened


def proposed(runtime, tmp_path):
    attempt = delivered_unjudged(runtime, tmp_path)
    assert attempt.status == "awaiting", attempt.detail
    return attempt


def asked_of(forge, path):
    return [one for one in forge.requests if one["method"] != "GET" and one["path"].endswith(path)]


def finding(runtime):
    with runtime.warehouse.state.reading() as reader:
        [only] = records.select(reader, Finding)
    return only


def told(tmp_path):
    file = tmp_path / "told.md"
    return [line for line in file.read_text().splitlines() if line.startswith("# ")] if file.exists() else []


def test_a_change_that_waits_is_shown_as_a_draft_and_no_further(runtime, forge, tmp_path):
    attempt = proposed(runtime, tmp_path)
    [pull] = forge.pulls
    assert (pull["draft"], attempt.url) == (True, pull["html_url"])
    assert "waits for a person's approval" in pull["body"]
    for _ in range(3):
        looked(runtime)
        attempts.drive_all(runtime)
    after = read.attempts(runtime)[0]
    assert (after.status, after.pull.state, after.delivered) == ("awaiting", "open", None)
    assert forge.pulls[0]["draft"] and len(forge.pulls) == 1
    assert len(told(tmp_path)) == 1 and "waits for approval" in told(tmp_path)[0]


@pytest.mark.parametrize("how", ["comment", "review", "command line"])
def test_an_approval_makes_it_ready_and_delivered_once(runtime, forge, how, tmp_path):
    attempt = proposed(runtime, tmp_path)
    if how == "comment":
        forge.say(1, "/improver approve\r\n\r\nThank you.")
    elif how == "review":
        forge.review(1, "approved")
    else:
        act.approve(runtime, id=attempt.id)
    for _ in range(3):
        looked(runtime)
        attempts.drive_all(runtime)
    after = read.attempts(runtime)[0]
    assert (after.status, after.delivered, after.url) == ("delivered", "pr", attempt.url)
    assert not forge.pulls[0]["draft"] and len(forge.pulls) == 1
    assert len(asked_of(forge, "/graphql")) == 1
    said = [entry.detail for entry in runtime.audit.entries() if entry.act == "said"]
    assert how == "command line" or said[-1]["by"] == "ann"


NO_CLEAR_WORD = (
    "> /improver approve", "```\n/improver approve\n```", "    /improver approve", "\t/improver approve",
    "Shall I say /improver approve?", "/improver approve? No!", "/improver approve not", "/improver approved",
    "<!-- -->/improver approve", "`/improver approve`", "/improver  ", "/Improver approve", "/improver\napprove",
)  # fmt: skip


def test_nothing_approves_but_a_clear_word_of_who_may(runtime, forge, tmp_path):
    proposed(runtime, tmp_path)
    for text in NO_CLEAR_WORD:
        forge.say(1, text)
    forge.say(1, "/improver approve", by="mallory")
    forge.review(1, "approved", by="mallory")
    attempt = looked(runtime)
    assert (attempt.status, attempt.pull.note) == ("awaiting", "")
    for by in (OPENER, BOT):
        forge.say(1, "/improver approve", by=by)
        forge.review(1, "approved", by=by)
    forge.say(1, "/improver approve", edited=True)
    attempt = looked(runtime)
    assert attempt.status == "awaiting" and "passed over" in attempt.pull.note
    assert forge.pulls[0]["draft"]
    forge.say(1, "/improver approve")
    assert (looked(runtime).status, looked(runtime).pull.note) == ("judged", "")


def test_a_review_does_not_approve_against_another_one_or_another_commit(runtime, forge, tmp_path):
    attempt = proposed(runtime, tmp_path)
    forge.writers.add("bob")
    forge.review(1, "approved")
    forge.review(1, "changes", by="bob")
    assert looked(runtime).status == "awaiting"
    forge.review(1, "dismissed", by="bob")
    forge.reviews[0]["commit"] = world.git(tmp_path / "remote.git", "rev-parse", "main")
    assert looked(runtime).status == "awaiting"
    forge.review(1, "approved")
    assert (looked(runtime).status, attempt.url) == ("judged", forge.pulls[0]["html_url"])


def test_an_approval_of_somebody_elses_commits_is_none_of_improvers_change(runtime, forge, tmp_path):
    attempt = proposed(runtime, tmp_path)
    remote = tmp_path / "remote.git"
    theirs = world.git(remote, "commit-tree", f"{attempt.branch}^{{tree}}", "-p", attempt.branch, "-m", "mine")
    world.git(remote, "update-ref", f"refs/heads/{attempt.branch}", theirs)
    forge.review(1, "approved")
    forge.review(1, "approved", commit=world.git(remote, "rev-parse", f"{theirs}^"))
    assert looked(runtime).pull.note == ""
    forge.say(1, "/improver approve")
    after = looked(runtime)
    assert after.status == "awaiting" and "somebody else's commits" in after.pull.note
    assert forge.pulls[0]["draft"]


def test_closing_the_draft_is_a_rejection(runtime, forge, tmp_path):
    proposed(runtime, tmp_path)
    forge.close(1, "wontfix")
    attempt = looked(runtime)
    assert (attempt.status, attempt.reason, finding(runtime).status) == ("failed", "rejected", "open")
    assert [one.kind for one in read.outcomes(runtime)] == ["rejected"]
    assert "closed" in told(tmp_path)[-1]
    looked(runtime)
    assert len(told(tmp_path)) == 2


def test_merging_the_draft_is_an_approval(runtime, forge, tmp_path):
    proposed(runtime, tmp_path)
    forge.merge(1)
    attempt = looked(runtime)
    assert (attempt.status, attempt.delivered, attempt.pull.state) == ("delivered", "pr", "merged")
    assert finding(runtime).status == "delivered" and "merged" in told(tmp_path)[-1]


@pytest.mark.parametrize("how", ["dismiss", "cancel", "stop", "stale"])
def test_what_ends_the_attempt_closes_its_draft_and_takes_the_branch_back(runtime, forge, clock, how, tmp_path):
    attempt = proposed(runtime, tmp_path)
    if how == "dismiss":
        act.dismiss(runtime, id=attempt.finding_id, reason="wont_fix")
    elif how == "cancel":
        act.cancel(runtime, attempt=attempt.id)
    elif how == "stop":
        forge.say(1, "/improver stop")
    else:
        clock.advance(days=15)
    after = looked(runtime)
    assert (after.status, after.pull.state, forge.pulls[0]["state"]) == ("failed", "closed", "closed")
    assert world.git(tmp_path / "remote.git", "branch", "--list", "improver/*") == ""
    assert len([one for one in forge.comments if one["by"] == OPENER]) == 1


def test_a_retry_below_the_draft_makes_another_attempt_and_never_two_drafts(runtime, forge, tmp_path):
    proposed(runtime, tmp_path)
    forge.say(1, "/improver retry with None")
    looked(runtime)
    [live] = attempts.live(runtime)
    assert (live.number, live.status) == (2, AttemptStatus.CLAIMED)
    assert [pull["state"] for pull in forge.pulls] == ["closed"]


def test_a_draft_that_was_opened_and_not_recorded_is_adopted(runtime, forge, tmp_path):
    attempt = proposed(runtime, tmp_path)
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from pulls")
        known = records.get(writer, Attempt, attempt.id)
        records.put(writer, records.changed(known, status=AttemptStatus.JUDGED, url=""))
    attempts.drive_all(runtime)
    assert (read.attempts(runtime)[0].url, len(forge.pulls)) == (attempt.url, 1)
    assert forge.pulls[0]["draft"]


def test_a_forge_that_opens_no_drafts_leaves_the_change_waiting_here(runtime, forge, tmp_path):
    forge.answers = [(200, []), (422, {"message": "Draft pull requests are not supported in this repository."})]
    attempt = proposed(runtime, tmp_path)
    assert "not as a draft" in attempt.detail and "not supported" in attempt.detail
    assert forge.pulls == [] and attempt.pull is None


def test_what_anybody_could_have_sent_is_not_shown_outside_before_a_person_approved_it(runtime, forge, tmp_path):
    about_to_be_delivered(runtime, tmp_path)
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, records.changed(finding(runtime), trust=TrustLabel.PUBLIC))
    attempts.drive_all(runtime)
    [attempt] = read.attempts(runtime)
    assert (attempt.status, forge.pulls) == ("awaiting", [])
    assert world.git(tmp_path / "remote.git", "branch", "--list", "improver/*") == ""
    act.approve(runtime, id=attempt.id)
    attempts.drive_all(runtime)
    assert (read.attempts(runtime)[0].delivered, forge.pulls[0]["draft"]) == ("pr", True)


def test_without_the_setting_nothing_leaves_before_it_is_approved(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge, approval="change")) as runtime:
        attempt = proposed(runtime, tmp_path)
        assert (attempt.url, forge.requests) == ("", [])
        assert world.git(tmp_path / "remote.git", "branch", "--list", "improver/*") == ""


def test_a_target_that_would_commit_goes_no_further_than_its_draft(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge, autonomy="commit", **DRAFT)) as runtime:
        before = world.git(shop, "rev-parse", "main")
        attempt = proposed(runtime, tmp_path)
        act.approve(runtime, id=attempt.id)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].delivered == "pr"
        assert world.git(shop, "rev-parse", "main") == before


@pytest.mark.parametrize("changes", [{"approval": "spec"}, {"remote": ""}, {"repository": ""}])
def test_a_draft_for_approval_needs_somewhere_to_be_and_something_to_approve(tmp_path, changes):
    whole = {"repo": tmp_path, "remote": "origin", "repository": REPOSITORY} | DRAFT
    assert Target(**whole)
    with pytest.raises(ValueError, match="needs `approval"):
        Target(**(whole | changes))


def came_back(runtime, status=FindingStatus.OPEN):
    with runtime.warehouse.state.transaction() as writer:
        [known] = records.select(writer, Finding)
        records.put(writer, records.changed(known, status=status, reopened_at=runtime.clock()))


def ended_and_back(tmp_path, runtime, forge):
    """A pull request that was merged, and a Finding that came back all the same."""
    act.approve(runtime, id=finding_after(runtime).id)
    delivered_unjudged(runtime, tmp_path)
    forge.merge(1)
    looked(runtime)
    came_back(runtime)


def finding_after(runtime):
    head = world.git(runtime.target("shop").repo, "rev-parse", "HEAD")
    world.send(runtime, world.server_key(runtime), world.error(head))
    pipeline.analyse(runtime)
    return finding(runtime)


def test_a_spec_is_approved_below_the_earlier_pull_request(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge, approval="spec")) as runtime:
        ended_and_back(tmp_path, runtime, forge)
        asked = len(forge.requests)
        pulls.poll(replace(runtime, clock=lambda: runtime.clock() + timedelta(days=15)))
        assert len(forge.requests) == asked  # it is not read for ever
        pipeline.analyse(runtime)
        assert finding(runtime).skipped == "unapproved"
        forge.say(1, "/improver approve", by=OPENER)
        forge.say(1, "/improver approve", by="mallory")
        pulls.poll(runtime)
        pipeline.analyse(runtime)
        assert finding(runtime).skipped == "unapproved"
        forge.say(1, "/improver approve")
        pulls.poll(runtime)
        pipeline.analyse(runtime)
        assert finding(runtime).status == "attempting"
        asked = len(forge.requests)
        pulls.poll(runtime)
        assert len(forge.requests) == asked  # nothing is asked below it any more


def test_an_approval_that_was_noted_before_the_draft_was_closed_revives_nothing(runtime, forge, tmp_path):
    proposed(runtime, tmp_path)
    with runtime.warehouse.state.transaction() as writer:
        [pull] = records.select(writer, Pull)
        records.put(writer, records.changed(pull, wish=pull_comments.Wish.APPROVE))
    forge.close(1)
    for _ in range(2):
        looked(runtime)
    assert attempts.live(runtime) == [] and read.attempts(runtime)[0].status == "failed"


def test_wherever_a_daemon_dies_a_change_is_proposed_and_approved_exactly_once(runtime, forge, tmp_path):
    audit = Mortal(runtime.data.audit, runtime.clock)
    mortal = replace(runtime, audit=audit)

    def dying(moment):
        """Once until it dies, if it does, and twice after that."""
        audit.left = moment
        for _ in range(3):
            with suppress(Death):
                pulls.poll(mortal)
                attempts.drive_all(mortal)
            audit.left = 0

    def newest():
        return max(read.attempts(mortal), key=lambda one: one.number)

    proposed(mortal, tmp_path)
    with runtime.warehouse.state.reading() as reader:
        [first] = records.select(reader, Attempt)
    # Before each note, and so after what came before it: what was done last is not written down.
    for tried, moment in enumerate(range(1, 13, 2), start=1):
        forge.say(tried, "/improver approve")
        dying(moment)
        assert newest().delivered == "pr" and not forge.pulls[-1]["draft"], moment
        assert len(forge.pulls) == tried
        forge.say(tried, "/improver retry")
        pulls.poll(mortal)
        [live] = attempts.live(mortal)
        ledger.advance(mortal, live, AttemptStatus.JUDGED, base=first.base, commit=first.commit)
        dying(moment)
        assert (newest().status, newest().url) == ("awaiting", forge.pulls[-1]["html_url"]), moment
        assert [pull["state"] for pull in forge.pulls] == ["closed"] * tried + ["open"]
        assert forge.pulls[-1]["draft"]
    assert audit.verify().sound
