"""A small forge on loopback: pull requests between branches of a real bare repository, whichever API it speaks."""

import json
import os
import re
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.forges import contract

TOKEN = "ghp_of_the_fake"
OPENER, BOT = "improver", "robot"  # who the token belongs to; and somebody's program
WRITTEN, LATER = "2026-11-21T12:00:00Z", "2026-11-21T12:30:00Z"
Said = tuple[int, object]


class FakeForge(ABC):
    """`url` is the API's address. `answers` holds replies that are given before any real one, first in, first out.

    A reply may have headers as its third part.
    """

    PAGE = "{url}/{repository}/pull/{number}"
    CONTRACT = ""  # what its requests and answers are held against when it ends

    def __init__(self, bare: Path, repository: str) -> None:
        self.bare = bare
        self.repository = repository
        self.pulls: list[dict] = []
        self.comments: list[dict] = []
        self.checks: list[dict] = []
        self.reviews: list[dict] = []
        self.writers = {"ann", "improver", "robot"}
        self.requests: list[dict] = []
        self.answers: list[tuple] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeForge":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self.CONTRACT:
            found = [one for request in self.requests for one in contract.complaints(self.CONTRACT, request)]
            assert not found, found

    # What people and their machines do there.

    def merge(self, number: int) -> str:
        """As a person would on the page: a merge commit on the base branch."""
        pull = self.pull(number)
        base, head = pull["base"]["ref"], pull["head"]["ref"]
        tree = self.git("merge-tree", "--write-tree", base, head)
        commit = self.git("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge pull request #{number}")
        self.git("update-ref", f"refs/heads/{base}", commit)
        pull |= {"state": "closed", "merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": commit}
        return commit

    def close(self, number: int, label: str = "") -> None:
        self.pull(number)["state"] = "closed"
        if label:
            self.pull(number)["labels"].append(label)

    def say(self, number: int, text: str, by: str = "ann", edited: bool = False) -> None:
        written = {"created_at": WRITTEN, "updated_at": LATER if edited else WRITTEN}
        self.comments.append({"id": len(self.comments) + 1, "number": number, "text": text, "by": by, **written})

    def review(self, number: int, state: str, by: str = "ann", commit: str = "") -> None:
        """State: approved, changes, commented or dismissed; of what the branch now holds."""
        commit = commit or self.shown(self.pull(number))["head"]["sha"]
        self.reviews.append({"number": number, "state": state, "by": by, "commit": commit})

    def check(self, number: int, name: str, state: str) -> None:
        """State: success, failure or pending."""
        self.checks.append({"commit": self.shown(self.pull(number))["head"]["sha"], "name": name, "state": state})

    # What every API says in its own words.

    @abstractmethod
    def authorised(self, headers: dict[str, str]) -> bool: ...

    @abstractmethod
    def routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        """Methods, path patterns, and what answers them: handed body, query and the named parts of the path."""

    def open(self, body: dict) -> dict | str:
        """The new pull request, or why there is none."""
        base, head = self._tip(body["base"]), self._tip(body["head"])
        if not base or not head or base == head:
            return f"No commits between {body['base']} and {body['head']}" if base and head else "invalid"
        if any(pull["state"] == "open" and pull["head"]["ref"] == body["head"] for pull in self.pulls):
            return f"A pull request already exists for {self.repository.partition('/')[0]}:{body['head']}."
        number = len(self.pulls) + 1
        repo = {"full_name": self.repository}
        page = self.PAGE.format(url=self.url, repository=self.repository, number=number)
        self.pulls.append({
            "number": number, "html_url": page, "state": "open", "node_id": f"PR_{number}",
            "title": body["title"], "body": body["body"], "draft": body.get("draft", False), "merged_at": None,
            "merge_commit_sha": "0" * 40, "labels": [], "reviewers": [],
            "head": {"ref": body["head"], "sha": head, "repo": repo}, "base": {"ref": body["base"], "repo": repo},
        })  # fmt: skip
        return self.pulls[-1]

    def pull(self, number: int | str) -> dict:
        return next(pull for pull in self.pulls if pull["number"] == int(number))

    def shown(self, pull: dict) -> dict:
        """With what its branch now holds."""
        if tip := self._tip(pull["head"]["ref"]):
            pull["head"]["sha"] = tip
        return {**pull, "mergeable": self._merges(pull) if pull["state"] == "open" else None}

    def said_below(self, number: str) -> list[dict]:
        return [one for one in self.comments if one["number"] == int(number)]

    def reviews_of(self, number: str) -> list[dict]:
        return [one for one in self.reviews if one["number"] == int(number)]

    def answer(self, method: str, target: str, headers: dict[str, str], body: dict) -> tuple:
        request = {"method": method, "path": target, "headers": headers, "body": body}
        self.requests.append(request)
        if self.answers:
            return self.answers.pop(0)
        if not self.authorised(headers):
            return 401, {"message": "Bad credentials"}
        path = urlsplit(target)
        for verb, pattern, handler in self.routes():
            named = re.fullmatch(pattern, path.path) if verb == method else None
            if named:
                parts = named.groupdict()
                if unquote(parts.pop("repository", self.repository)).casefold() != self.repository.casefold():
                    return 404, {"message": "Not Found"}
                if "number" in parts and not any(pull["number"] == int(parts["number"]) for pull in self.pulls):
                    return 404, {"message": "Not Found"}
                status, said = handler(body, {k: v[0] for k, v in parse_qs(path.query).items()}, **parts)
                if status < 300:
                    request["answer"] = json.loads(json.dumps(said))
                return status, said
        return 404, {"message": "Not Found"}

    def _merges(self, pull: dict) -> bool:
        command = ["git", "-C", str(self.bare), "merge-tree", "--write-tree", pull["base"]["ref"], pull["head"]["ref"]]
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0

    def _tip(self, branch: str) -> str:
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def git(self, *args: str) -> str:
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
                status, said, *more = fake.answer(self.command, self.path, headers, body)
                data = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PATCH = do_PUT = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
