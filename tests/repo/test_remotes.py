"""A branch is pushed only where none stands, and every refusal says what it was."""

import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from improver.errors import ImproverError
from improver.repo import Pushed, Repository


@pytest.fixture
def remote(checkout, tmp_path):
    checkout.commit({"app.py": "1\n"})
    bare = tmp_path / "origin.git"
    checkout.git("clone", "--quiet", "--bare", str(checkout.path), str(bare))
    checkout.git("remote", "add", "origin", str(bare))
    return bare


@pytest.fixture
def repository(checkout, remote):
    return Repository(checkout.path)


def test_a_branch_is_pushed_where_none_stands(repository, remote, checkout):
    assert repository.ls_remote("origin", "improver/f1/1") is None
    assert repository.push("origin", "improver/f1/1", "main") is Pushed.CREATED
    assert repository.ls_remote("origin", "improver/f1/1") == repository.resolve("main")
    assert checkout.git("rev-parse", "improver/f1/1", cwd=remote) == repository.resolve("main")


def test_a_push_that_was_not_recorded_is_recognised(repository):
    repository.push("origin", "fix", "main")
    assert repository.push("origin", "fix", "main") is Pushed.SAME


def test_a_branch_that_stands_there_is_not_touched(repository, checkout):
    repository.push("origin", "fix", "main")
    first = repository.resolve("main")
    descendant = checkout.commit({"app.py": "2\n"})
    assert repository.push("origin", "fix", descendant) is Pushed.TAKEN
    assert repository.ls_remote("origin", "fix") == first


def test_a_longer_name_with_the_same_end_is_another_branch(repository, checkout, remote):
    checkout.git("push", "--quiet", "origin", "main:refs/heads/refs/heads/fix")
    assert repository.ls_remote("origin", "fix") is None


def test_a_rule_of_the_remote_is_no_reason_to_retry(repository, remote):
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(ImproverError, match="pre-receive hook declined") as refused:
        repository.push("origin", "fix", "main")
    assert not refused.value.retryable
    assert "rules" in refused.value.hint


def test_a_remote_that_is_not_there_is_told_apart_from_one_that_is_down(repository, tmp_path):
    with pytest.raises(ImproverError) as unknown:
        repository.push(str(tmp_path / "absent.git"), "fix", "main")
    assert not unknown.value.retryable
    assert "git remote -v" in unknown.value.hint
    with pytest.raises(ImproverError) as down:
        repository.ls_remote("http://ada:secret@127.0.0.1:9/x.git", "fix")
    assert down.value.retryable
    assert "secret" not in down.value.message


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (403, False), (503, True)])
def test_what_a_server_answers_decides_whether_to_retry(repository, status, retryable):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ImproverError) as refused:
            repository.push(f"http://127.0.0.1:{server.server_port}/x.git", "fix", "main")
        server.shutdown()
    assert refused.value.retryable is retryable


@pytest.mark.parametrize("remote", ["", "--receive-pack=touch x", "ext::sh -c touch% sprung", "evil"])
def test_what_would_run_a_program_is_no_remote(repository, checkout, remote, tmp_path):
    checkout.git("config", "remote.evil.url", str(tmp_path))
    checkout.git("config", "remote.evil.vcs", "ext")
    with pytest.raises(ImproverError) as refused:
        repository.push(remote, "fix", "main")
    assert not refused.value.retryable
    assert not list(tmp_path.rglob("sprung"))


def test_hooks_and_commands_of_the_repository_are_not_run_by_a_push(repository, checkout, tmp_path):
    mark = tmp_path / "sprung"
    hook = checkout.path / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    checkout.git("config", "remote.origin.receivepack", f"touch {mark}; git-receive-pack")
    checkout.git("config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
    assert repository.push("origin", "fix", "main") is Pushed.CREATED
    assert repository.ls_remote("origin", "fix")
    assert not mark.exists()


def test_the_branches_below_a_folder_are_listed_and_no_others(repository, checkout):
    for branch in ("improver/f1/1", "improver/f1/2", "improver/f11/1", "other/improver/f1/3"):
        repository.push("origin", branch, "main")
    assert repository.remote_branches("origin", "improver/f1") == {
        "improver/f1/1": repository.resolve("main"),
        "improver/f1/2": repository.resolve("main"),
    }
    assert repository.remote_branches("origin", "improver/f2") == {}


def test_a_branch_is_withdrawn_only_while_it_is_what_we_pushed(repository, checkout):
    first = repository.resolve("main")
    repository.push("origin", "fix", first)
    descendant = checkout.commit({"app.py": "2\n"})
    assert repository.withdraw("origin", "fix", descendant) is False
    assert repository.ls_remote("origin", "fix") == first
    assert repository.withdraw("origin", "fix", first) is True
    assert repository.ls_remote("origin", "fix") is None
    assert repository.withdraw("origin", "fix", first) is False


def test_a_branch_is_replaced_only_where_it_is_what_was_pushed(repository, checkout):
    first = repository.resolve("main")
    repository.push("origin", "fix", first)
    again = checkout.commit({"app.py": "2\n"})
    assert repository.push("origin", "fix", again, instead_of=first) is Pushed.CREATED
    assert repository.push("origin", "fix", again, instead_of=first) is Pushed.SAME
    theirs = checkout.commit({"app.py": "3\n"})
    checkout.git("push", "--quiet", "origin", f"{theirs}:refs/heads/fix")
    assert repository.push("origin", "fix", first, instead_of=again) is Pushed.TAKEN
    assert repository.ls_remote("origin", "fix") == theirs


def test_what_a_remotes_branch_is_at_is_fetched_and_nothing_here_moves(repository, checkout, remote, tmp_path):
    other = tmp_path / "other"
    checkout.git("clone", "--quiet", str(remote), str(other))
    checkout.git("commit", "--quiet", "--allow-empty", "-m", "theirs", cwd=other)
    checkout.git("push", "--quiet", "origin", "HEAD:main", cwd=other)
    before = checkout.git("for-each-ref", "refs/heads", "refs/remotes")
    fetched = repository.fetch("origin", "main")
    assert fetched == checkout.git("rev-parse", "HEAD", cwd=other)
    assert repository.is_ancestor(repository.resolve("main"), fetched)
    assert checkout.git("for-each-ref", "refs/heads", "refs/remotes") == before
    with pytest.raises(ImproverError, match="git fetch failed"):
        repository.fetch("origin", "no-such-branch")
