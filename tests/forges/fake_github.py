"""A small GitHub on loopback: pull requests between branches of a real bare repository."""

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghp_of_the_fake"
PULLS = re.compile(r"/repos/(?P<repository>[^/]+/[^/]+)/pulls(?:/(?P<number>\d+))?")
LABELS = re.compile(r"/repos/(?P<repository>[^/]+/[^/]+)/issues/(?P<number>\d+)/labels")


class FakeGitHub:
    """`url` is the API's address. `answers` holds replies that are given before any real one, first in, first out."""

    def __init__(self, bare: Path, repository: str) -> None:
        self.bare = bare
        self.repository = repository
        self.pulls: list[dict] = []
        self.requests: list[dict] = []
        self.answers: list[tuple[int, object]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeGitHub":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def merge(self, number: int) -> str:
        """As a person would on the page: a merge commit on the base branch."""
        pull = self._pull(number)
        base, head = pull["base"]["ref"], pull["head"]["ref"]
        tree = self._git("merge-tree", "--write-tree", base, head)
        commit = self._git("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge pull request #{number}")
        self._git("update-ref", f"refs/heads/{base}", commit)
        pull |= {"state": "closed", "merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": commit}
        return commit

    def close(self, number: int) -> None:
        self._pull(number)["state"] = "closed"

    def answer(self, method: str, target: str, headers: dict[str, str], body: dict) -> tuple[int, object]:
        self.requests.append({"method": method, "path": target, "headers": headers, "body": body})
        if self.answers:
            return self.answers.pop(0)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        path = urlsplit(target)
        named = PULLS.fullmatch(path.path) or LABELS.fullmatch(path.path)
        if named is None or named["repository"].casefold() != self.repository.casefold():
            return 404, {"message": "Not Found"}
        if named.re is LABELS:
            self._pull(int(named["number"]))["labels"] = body["labels"]
            return 200, []
        if named["number"]:
            return self._show(int(named["number"]))
        return self._open(body) if method == "POST" else (200, self._listed(parse_qs(path.query)))

    def _show(self, number: int) -> tuple[int, object]:
        known = [pull for pull in self.pulls if pull["number"] == number]
        return (200, known[0]) if known else (404, {"message": "Not Found"})

    def _open(self, body: dict) -> tuple[int, object]:
        base, head = self._tip(body["base"]), self._tip(body["head"])
        if not base or not head or base == head:
            reason = f"No commits between {body['base']} and {body['head']}" if base and head else "invalid"
            return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "message": reason}]}
        owner = self.repository.partition("/")[0]
        if any(pull["state"] == "open" and pull["head"]["ref"] == body["head"] for pull in self.pulls):
            reason = f"A pull request already exists for {owner}:{body['head']}."
            return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "message": reason}]}
        number = len(self.pulls) + 1
        repo = {"full_name": self.repository}
        self.pulls.append({
            "number": number, "html_url": f"{self.url}/{self.repository}/pull/{number}", "state": "open",
            "title": body["title"], "body": body["body"], "draft": body["draft"], "merged_at": None,
            "merge_commit_sha": "0" * 40, "labels": [],
            "head": {"ref": body["head"], "sha": head, "repo": repo}, "base": {"ref": body["base"], "repo": repo},
        })  # fmt: skip
        return 201, self.pulls[-1]

    def _listed(self, query: dict[str, list[str]]) -> list[dict]:
        """GitHub ignores a `head` without an owner."""
        owner, _, branch = query.get("head", [""])[0].rpartition(":")
        state = query.get("state", ["open"])[0]
        found = [pull for pull in self.pulls if state in ("all", pull["state"])]
        return [pull for pull in found if not owner or pull["head"]["ref"] == branch]

    def _pull(self, number: int) -> dict:
        return next(pull for pull in self.pulls if pull["number"] == number)

    def _tip(self, branch: str) -> str:
        return self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def _git(self, *args: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        identity = ("-c", "user.name=Octocat", "-c", "user.email=octocat@example.invalid")
        command = ["git", "-C", str(self.bare), *identity, *args]
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=30).stdout.strip()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, said = fake.answer(self.command, self.path, headers, body)
                data = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
