"""The check of our requests against GitHub's published description sees what is wrong with one.

The requests that the other tests make are checked when their fake GitHub ends.
"""

import pytest

from improver.forges import github
from tests.forges import published

PULLS = "/repos/octo/shop/pulls"


@pytest.mark.parametrize(
    ("method", "path", "body", "complaint"),
    [
        ("POST", PULLS, {"title": "Fix it", "head": "improver/f1/1"}, "'base' is a required property"),
        ("POST", PULLS, {"head": "h", "base": "main", "draft": "yes"}, "'yes' is not of type 'boolean'"),
        ("POST", PULLS, {"head": "h", "base": "main", "descripton": "x"}, "there is no property 'descripton'"),
        ("GET", f"{PULLS}?state=every", {}, "'every' is not one of"),
        ("GET", f"{PULLS}?branch=x", {}, "there is no parameter 'branch'"),
        ("GET", f"{PULLS}?per_page=many", {}, "'many' is not of type 'integer'"),
        ("PUT", f"{PULLS}/1", {"state": "closed"}, "there is no such operation"),
        ("GET", "/repos/octo/shop/merge_requests", {}, "there is no such operation"),
        ("PATCH", f"{PULLS}/1", {"state": "shut"}, "'shut' is not one of"),
    ],
)
def test_what_the_description_does_not_allow_is_seen(method, path, body, complaint):
    published.description()  # skips where it cannot be had
    found = list(published.complaints({"method": method, "path": path, "body": body}))
    assert any(complaint in one for one in found), found


def test_a_field_that_a_fake_makes_up_is_seen():
    published.description()
    asked = {"method": "GET", "path": f"{PULLS}/1", "body": {}, "answer": {"head": {"ref": "h", "tip": "c"}}}
    assert list(published.complaints(asked)) == [f"GET {PULLS}/1: answer.head has no 'tip'"]
    asked |= {"path": PULLS, "answer": [{"number": 1, "mergeable": True}]}
    assert list(published.complaints(asked)) == [f"GET {PULLS}: answer[] has no 'mergeable'"]


def test_what_it_allows_is_let_through():
    published.description()
    opened = {"title": "Fix it", "head": "h", "base": "main", "body": "", "draft": True}
    for method, path, body in (("POST", PULLS, opened), ("GET", f"{PULLS}?head=octo%3Ah&state=all&per_page=100", {})):
        assert list(published.complaints({"method": method, "path": path, "body": body})) == []


def test_the_mutation_that_makes_a_draft_ready_is_valid_by_its_schema():
    assert list(published.complaints(asked_of_graphql(github.READY))) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("markPullRequestReadyForReview", "markPullRequestReady"), ("pullRequestId", "pullRequest"), ("ID!", "ID"),
        ("ID!", "String!"), ("isDraft", "draft"),
    ],
)  # fmt: skip
def test_a_mutation_that_its_schema_does_not_know_is_seen(ours, theirs):
    assert list(published.complaints(asked_of_graphql(github.READY.replace(ours, theirs))))


def asked_of_graphql(document):
    return {"method": "POST", "path": "/graphql", "body": {"query": document, "variables": {"id": "PR_1"}}}
