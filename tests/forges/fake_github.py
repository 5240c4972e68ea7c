"""GitHub's face of the fake forge."""

from collections.abc import Callable

from tests.forges import published
from tests.forges.fake_forge import TOKEN, FakeForge, Said

__all__ = ["TOKEN", "FakeGitHub"]
REPO = r"/repos/(?P<repository>[^/]+/[^/]+)"


class FakeGitHub(FakeForge):
    def __exit__(self, *about: object) -> None:
        super().__exit__(*about)
        assert not (complaints := published.held_against(self.requests)), complaints

    def authorised(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        number, commit = r"(?P<number>\d+)", r"(?P<commit>[0-9a-f]+)"
        return [
            ("GET", f"{REPO}/pulls", lambda body, query: (200, self._listed(query))),
            ("POST", f"{REPO}/pulls", lambda body, query: self._opened(body)),
            ("GET", f"{REPO}/pulls/{number}", lambda body, query, number: (200, self._shown(number))),
            ("PATCH", f"{REPO}/pulls/{number}", lambda body, query, number: self._changed(body, number)),
            ("POST", f"{REPO}/pulls/{number}/requested_reviewers", self._reviewers),
            ("POST", f"{REPO}/issues/{number}/labels", self._labels),
            ("GET", f"{REPO}/issues/{number}/comments", self._comments),
            ("POST", f"{REPO}/issues/{number}/comments", self._comment),
            ("GET", f"{REPO}/commits/{commit}/check-runs", self._runs),
            ("GET", f"{REPO}/commits/{commit}/status", lambda body, query, commit: (200, {"statuses": []})),
            ("POST", "/graphql", lambda body, query: self._ready(body["variables"]["id"])),
        ]

    def _opened(self, body: dict) -> Said:
        opened = self.open(body)
        if isinstance(opened, str):
            return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "message": opened}]}
        return 201, opened

    def _shown(self, number: str) -> dict:
        pull = self.shown(self.pull(number))
        return {**pull, "labels": [{"name": name} for name in pull["labels"]]}

    def _changed(self, body: dict, number: str) -> Said:
        self.pull(number).update(body)
        return 200, self._shown(number)

    def _labels(self, body: dict, query: dict, number: str) -> Said:
        self.pull(number)["labels"] += body["labels"]
        return 200, []

    def _reviewers(self, body: dict, query: dict, number: str) -> Said:
        strangers = set(body.get("reviewers", [])) - self.writers
        if strangers:
            return 422, {"message": "Reviews may only be requested from collaborators."}
        self.pull(number)["reviewers"] += [*body.get("reviewers", []), *body.get("team_reviewers", [])]
        return 201, {}

    def _comments(self, body: dict, query: dict, number: str) -> Said:
        role = {True: "COLLABORATOR", False: "NONE"}
        found = [
            {"id": one["id"], "body": one["text"], "author_association": role[one["by"] in self.writers]}
            for one in self.said_below(number)
        ]
        size, page = int(query["per_page"]), int(query["page"])
        return 200, found[size * (page - 1) : size * page]

    def _comment(self, body: dict, query: dict, number: str) -> Said:
        self.say(int(number), body["body"], by="improver")
        return 201, {}

    def _runs(self, body: dict, query: dict, commit: str) -> Said:
        runs = [
            {
                "name": one["name"],
                "status": "in_progress" if one["state"] == "pending" else "completed",
                "conclusion": None if one["state"] == "pending" else one["state"],
            }
            for one in self.checks
            if one["commit"] == commit
        ]
        return 200, {"total_count": len(runs), "check_runs": runs}

    def _ready(self, node_id: str) -> Said:
        next(pull for pull in self.pulls if pull["node_id"] == node_id)["draft"] = False
        return 200, {"data": {}}

    def _listed(self, query: dict[str, str]) -> list[dict]:
        """GitHub ignores a `head` without an owner."""
        owner, _, branch = query.get("head", "").rpartition(":")
        state = query.get("state", "open")
        found = [pull for pull in self.pulls if state in ("all", pull["state"])]
        return [pull for pull in found if not owner or pull["head"]["ref"] == branch]
