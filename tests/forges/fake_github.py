"""GitHub's face of the fake forge."""

from collections.abc import Callable

from graphql import GraphQLError, GraphQLResolveInfo, graphql_sync

from tests.forges import published
from tests.forges.fake_forge import BOT, OPENER, TOKEN, FakeForge, Said

__all__ = ["TOKEN", "FakeGitHub"]
REPO = r"/repos/(?P<repository>[^/]+/[^/]+)"

STATES = {
    "approved": "APPROVED", "changes": "CHANGES_REQUESTED", "commented": "COMMENTED", "dismissed": "DISMISSED",
}  # fmt: skip


def _user(name: str) -> dict:
    return {"login": name, "type": "Bot" if name == BOT else "User"}


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
            ("GET", f"{REPO}/pulls/{number}/reviews", self._reviews),
            ("GET", rf"{REPO}/collaborators/(?P<user>[\w%-]+)/permission", self._permission),
            ("POST", "/graphql", self._graphql),
        ]

    def _opened(self, body: dict) -> Said:
        opened = self.open(body)
        if isinstance(opened, str):
            return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "message": opened}]}
        return 201, self._shown(opened["number"])

    def _shown(self, number: int | str) -> dict:
        pull = self.shown(self.pull(number))
        del pull["reviewers"]  # what only our fake keeps there
        return {**pull, "user": _user(OPENER), "labels": [{"name": name} for name in pull["labels"]]}

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
        found = [
            {
                "id": one["id"], "body": one["text"], "user": _user(one["by"]),
                "created_at": one["created_at"], "updated_at": one["updated_at"],
            }
            for one in self.said_below(number)
        ]  # fmt: skip
        size, page = int(query["per_page"]), int(query["page"])
        return 200, found[size * (page - 1) : size * page]

    def _comment(self, body: dict, query: dict, number: str) -> Said:
        self.say(int(number), body["body"], by="improver")
        return 201, {}

    def _reviews(self, body: dict, query: dict, number: str) -> Said:
        return 200, [
            {"id": place, "state": STATES[one["state"]], "commit_id": one["commit"], "user": _user(one["by"])}
            for place, one in enumerate(self.reviews_of(number))
        ]

    def _permission(self, body: dict, query: dict, user: str) -> Said:
        return 200, {"permission": "write" if user in self.writers else "read", "role_name": "", "user": None}

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

    def _graphql(self, body: dict, query: dict) -> Said:
        """By GitHub's own schema: what it does not know is an error in the answer, and its status is 200."""
        does = {"markPullRequestReadyForReview": self._ready}
        done = graphql_sync(published.schema(), body["query"], does, variable_values=body["variables"])
        return 200, done.formatted

    def _ready(self, info: GraphQLResolveInfo, input: dict) -> dict:
        found = [pull for pull in self.pulls if pull["node_id"] == input["pullRequestId"]]
        if not found:
            raise GraphQLError(f"Could not resolve to a node with the global id of '{input['pullRequestId']}'")
        found[0]["draft"] = False
        return {"pullRequest": {"isDraft": False}}

    def _listed(self, query: dict[str, str]) -> list[dict]:
        """GitHub ignores a `head` without an owner."""
        owner, _, branch = query.get("head", "").rpartition(":")
        state = query.get("state", "open")
        found = [pull for pull in self.pulls if state in ("all", pull["state"])]
        shown = [self._shown(pull["number"]) for pull in found if not owner or pull["head"]["ref"] == branch]
        # Whether one can be merged is told of one alone.
        return [{name: value for name, value in pull.items() if name != "mergeable"} for pull in shown]
