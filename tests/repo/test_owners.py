"""CODEOWNERS as GitHub and GitLab read it."""

import pytest

from improver.repo.owners import owners_of

GITHUB = r"""
# the last rule that fits counts
*           @octo/all
*.js        @js-owner   # everywhere
/docs/      docs@example.org
docs/*      @docs
apps/       @apps
/build/logs/ @ops
**/logs     @logs
/apps/github
/a\ b.txt   @space
/src/**/gen @gen
!/src/x     @nobody
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@octo/all",)),
        ("web/x.js", ("@js-owner",)),
        ("docs/a.md", ("@docs",)),
        ("docs/a/b.md", ("docs@example.org",)),
        ("x/apps/y/z.py", ("@apps",)),
        ("build/logs/x", ("@logs",)),
        ("deep/er/logs/x", ("@logs",)),
        ("apps/github/x.py", ()),
        ("a b.txt", ("@space",)),
        ("src/x/y/gen/z.py", ("@gen",)),
        ("src/x", ("@octo/all",)),
    ],
)
def test_the_last_rule_that_fits_counts(path, owners):
    assert owners_of(path, GITHUB) == owners


GITLAB = """
* @all
[Backend][2] @backend
/api/
/api/keys/ @security
^[Docs] @writers
*.md
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("x.py", ("@all",)),
        ("api/x.py", ("@all", "@backend")),
        ("api/keys/x.md", ("@all", "@security", "@writers")),
    ],
)
def test_each_section_of_gitlab_has_its_own_last_rule_and_usual_owners(path, owners):
    assert owners_of(path, GITLAB) == owners


def test_what_is_no_owner_is_left_out():
    assert owners_of("x", "* someone `rm -rf` @ok <script> a@b") == ("@ok",)
    assert owners_of("x", "") == ()


def test_hostile_patterns_take_no_time():
    hostile = "\n".join(["*" * 200 + "x @a", "**/" * 100 + "x @b", "\\" * 99, "[" * 500, "?" * 300 + " @c"])
    assert owners_of("a/" * 100 + "a" * 50, hostile) == ()
