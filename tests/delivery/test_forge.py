"""Whatever a forge answers is an error in our words or nothing, and its token stays where it belongs."""

import json
import logging

import pytest

from improver.delivery.forge import Forge
from improver.errors import ImproverError
from improver.forges import gitea, github, gitlab
from improver.http import HttpxClient
from improver.model import Comment, PullRequest
from tests.forges.fake_forge import TOKEN
from tests.forges.fake_gitea import FakeGitea
from tests.forges.fake_github import FakeGitHub
from tests.forges.fake_gitlab import FakeGitLab

FACES = {"github": (github, FakeGitHub), "gitlab": (gitlab, FakeGitLab), "gitea": (gitea, FakeGitea)}
PULL = PullRequest(repository="octo/shop", base="main", head="improver/f1/1", title="Fix it", body="Because.")
LEAK = f"you said {TOKEN}"
DEEP = b"[" * 100_000
# Each as the answer to every request.
HOSTILE = {
    "null": (200, None), "a word": (200, "yes"), "a number": (200, 7), "a list": (200, [1, [2], None]),
    "empty": (200, b""), "an empty record": (200, {}), "a list of nothing": (200, [{}]),
    "nulls": (200, [{"id": None, "body": None, "user": None}]),
    "wrong kinds": (200, {"number": [], "state": {}, "head": "x", "labels": 7, "title": None, "sha": 1, "author": []}),
    "a page": (200, b"<!doctype html><title>Sign in</title>"), "half": (200, b'{"number": 1, "html_'),
    "too deep": (200, DEEP), "too long": (200, b'"' + b"x" * (5 << 20) + b'"'), "no text": (200, b"\xff\xfe\x00"),
    "a leak": (200, LEAK.encode()), "an error that leaks": (401, {"message": LEAK, "errors": [LEAK]}),
    "a redirect": (302, b"", {"Location": "http://localhost:9/steal"}), "a loop": (301, b"", {"Location": "?"}),
    "no redirect": (304, b""), "a teapot": (418, {"message": "\x1b[2J\x1b]0;owned\x07" * 1000}),
}  # fmt: skip


@pytest.fixture(params=FACES)
def there(request, tmp_path, monkeypatch):
    """A Forge, and the fake that answers for it."""
    plugin, face = FACES[request.param]
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)
    with face(tmp_path, "octo/shop") as fake, HttpxClient(fake.url) as http:
        yield Forge(request.param, plugin, http, plugin.Config(token="env:FORGE_TOKEN")), fake


def asks(forge, fake):
    url = fake.PAGE.format(url=fake.url, repository="octo/shop", number=1)
    return (
        lambda: forge.opened(PULL), lambda: forge.status(url), lambda: forge.comments(url, 0),
        lambda: forge.reviews(url), lambda: forge.close(url, "why"), lambda: forge.ready(url),
    )  # fmt: skip


def said_of(error):
    """All that a person or a log may come to see of it."""
    seen = []
    while error:
        seen += [str(error), getattr(error, "hint", "")]
        error = error.__cause__
    return " ".join(seen)


def test_a_hostile_answer_is_a_clear_error_or_nothing(there, monkeypatch, caplog):
    forge, fake = there
    for name, answer in HOSTILE.items():
        monkeypatch.setattr(fake, "answer", lambda *asked, a=answer: a)
        for ask in asks(forge, fake):
            try:
                assert ask() in ([], None), name
            except ImproverError as error:
                assert error.message and len(error.message) < 1000 and "\x1b" not in error.message, name
                assert TOKEN not in said_of(error), name
    assert TOKEN not in caplog.text


def test_a_redirect_to_another_host_takes_no_token_there(there, tmp_path):
    forge, fake = there
    with FakeGitHub(tmp_path, "octo/shop") as thief:
        for ask in asks(forge, fake):
            fake.answers = [(307, b"", {"Location": f"{thief.url.replace('127.0.0.1', 'localhost')}/steal"})]
            with pytest.raises(ImproverError, match="redirects to"):
                ask()
        assert thief.requests == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://x/\x1b[2J", "https://x/a b", "", "x" * 5000, "http://x/<b>"])
def test_an_address_that_is_no_plain_link_is_neither_kept_nor_shown(there, url, monkeypatch):
    forge, _ = there
    monkeypatch.setattr(forge, "_asked", lambda verb, *about: url)
    with pytest.raises(ImproverError, match="does not understand") as refused:
        forge.opened(PULL)
    assert refused.value.retryable


@pytest.mark.parametrize("number", [2**63, -1, True, "7"])
def test_a_comment_whose_number_cannot_be_kept_is_refused(there, number, monkeypatch):
    forge, _ = there
    asked = [Comment(id=number, text="/improver stop", may_write=True)]
    monkeypatch.setattr(forge, "_asked", lambda verb, *about: asked)
    with pytest.raises(ImproverError, match="does not understand"):
        forge.comments("http://x/pull/1", 0)


def test_a_token_that_a_forge_repeats_is_hidden_wherever_it_stands(there, monkeypatch, caplog):
    forge, fake = there
    body = json.dumps({"message": LEAK, "title": LEAK, "labels": [LEAK]}).encode()
    for status in (200, 400, 401, 403, 404, 500):
        monkeypatch.setattr(fake, "answer", lambda *asked, s=status: (s, body))
        with caplog.at_level(logging.DEBUG), pytest.raises(ImproverError) as refused:
            forge.opened(PULL)
        assert TOKEN not in said_of(refused.value)
    assert TOKEN not in caplog.text
