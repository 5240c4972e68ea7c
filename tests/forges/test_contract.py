"""The check of our requests, and of our fakes' answers, against the published descriptions sees what is wrong with one.

Those that the other tests make are checked when their fakes end; GitHub's are in test_github_published.
"""

import pytest

from tests.forges import contract

MERGE_REQUESTS, PULLS = "/projects/octo%2Fshop/merge_requests", "/repos/octo/shop/pulls"
OPENED = {"title": "Fix it", "source_branch": "h", "target_branch": "main"}


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "complaint"),
    [
        ("gitlab", "POST", MERGE_REQUESTS, {"title": "Fix it", "source_branch": "h"}, "'target_branch' is missing"),
        ("gitlab", "POST", MERGE_REQUESTS, OPENED | {"labels": "a,b"}, "labels is no list: 'a,b'"),
        ("gitlab", "POST", MERGE_REQUESTS, OPENED | {"reviewer_ids": ["ann"]}, "reviewer_ids[] is no integer"),
        ("gitlab", "POST", MERGE_REQUESTS, OPENED | {"draft": True}, "has no 'draft'"),
        ("gitlab", "PUT", f"{MERGE_REQUESTS}/1", {"state_event": "shut"}, "state_event is none of"),
        ("gitlab", "PATCH", f"{MERGE_REQUESTS}/1", {}, "there is no such operation"),
        ("gitlab", "GET", f"{MERGE_REQUESTS}?state=open", {}, "state is none of"),
        ("gitlab", "GET", f"{MERGE_REQUESTS}?head=h", {}, "there is no parameter 'head'"),
        ("gitea", "POST", PULLS, {"head": "h", "base": "main", "draft": True}, "has no 'draft'"),
        ("gitea", "GET", f"{PULLS}?limit=50&per_page=50", {}, "there is no parameter 'per_page'"),
        ("gitea", "GET", f"{PULLS}/1/reviews?page=last", {}, "page is no integer"),
        ("gitea", "GET", f"{PULLS}/1", {"state": "open"}, "it takes no body"),
        ("gitea", "POST", "/repos/octo/shop/issues/1/comments", {}, "'body' is missing"),
    ],
)
def test_what_the_description_does_not_allow_is_seen(name, method, path, body, complaint):
    found = list(contract.complaints(name, {"method": method, "path": path, "body": body}))
    assert any(complaint in one for one in found), found


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"number": "1"}, "answer.number is no integer"),
        ({"merged_by_us": True}, "answer has no 'merged_by_us'"),
        ({"head": {"ref": "h", "commit": "c"}}, "answer.head has no 'commit'"),
        ({"labels": ["bug"]}, "answer.labels[] is no Label"),
        ([], "answer is no PullRequest"),
    ],
)
def test_what_a_fake_makes_up_is_seen(answer, complaint):
    asked = {"method": "GET", "path": f"{PULLS}/1", "body": {}, "answer": answer}
    found = list(contract.complaints("gitea", asked))
    assert any(complaint in one for one in found), found


def test_what_it_allows_is_let_through():
    answer = {"number": 1, "draft": False, "head": {"ref": "h", "repo": None}, "labels": [{"id": 1, "name": "bug"}]}
    asked = {"method": "GET", "path": f"{PULLS}/1", "body": {}, "answer": answer}
    assert list(contract.complaints("gitea", asked)) == []
    asked = {"method": "POST", "path": MERGE_REQUESTS, "body": OPENED | {"labels": ["a"], "reviewer_ids": [7]}}
    assert list(contract.complaints("gitlab", asked)) == []
