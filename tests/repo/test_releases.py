"""Releases as telemetry names them, and the commits that they are."""

import pytest

from improver.repo.releases import commit_of


@pytest.mark.parametrize("name", ["{commit}", "shop@{commit}", "shop@{short}", "1.2", "shop@1.2"])
def test_a_revision_or_a_tag_is_a_commit(checkout, name):
    commit = checkout.commit({"app.py": "1"})
    checkout.git("tag", "1.2")
    assert commit_of(checkout.path, name.format(commit=commit, short=commit[:8]), "telemetry") == commit


@pytest.mark.parametrize("name", ["main", "shop@main", "HEAD", "0" * 40, "", "2.0", "../x"])
def test_what_telemetry_may_not_call_a_commit_is_none(checkout, name):
    checkout.commit({"app.py": "1"})
    assert commit_of(checkout.path, name, "telemetry") == ""


def test_a_person_may_name_a_branch(checkout):
    commit = checkout.commit({"app.py": "1"})
    branch = checkout.git("branch", "--show-current")
    assert commit_of(checkout.path, branch, "person") == commit


def test_where_no_repository_is_nothing_is_a_commit(tmp_path):
    assert commit_of(tmp_path, "1.2", "telemetry") == ""
