"""Gitea's face of the fake forge."""

from collections.abc import Callable

from tests.forges.fake_forge import OPENER, TOKEN, FakeForge, Said

REPO = r"/repos/(?P<repository>[^/]+/[^/]+)"
PULL = rf"{REPO}/pulls/(?P<number>\d+)"
ISSUE = rf"{REPO}/issues/(?P<number>\d+)"
OURS = ("node_id", "reviewers")  # what only our fake keeps in a pull request
LABELS = {1: "improver", 2: "bug"}
STATES = {"approved": "APPROVED", "changes": "REQUEST_CHANGES", "commented": "COMMENT", "dismissed": "APPROVED"}


class FakeGitea(FakeForge):
    PAGE = "{url}/{repository}/pulls/{number}"
    CONTRACT = "gitea"

    def authorised(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == f"token {TOKEN}"

    def routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        return [
            ("GET", f"{REPO}/pulls", lambda body, query: (200, self._listed(query))),
            ("POST", f"{REPO}/pulls", lambda body, query: self._opened(body)),
            ("GET", PULL, lambda body, query, number: (200, self._shown(self.pull(number)))),
            ("PATCH", PULL, self._changed),
            ("POST", f"{PULL}/requested_reviewers", self._reviewers),
            ("GET", f"{REPO}/labels", lambda body, query: (200, [{"id": i, "name": n} for i, n in LABELS.items()])),
            ("POST", f"{ISSUE}/labels", self._labels),
            ("GET", f"{ISSUE}/comments", self._comments),
            ("POST", f"{ISSUE}/comments", self._comment),
            ("GET", f"{PULL}/reviews", self._reviews),
            ("GET", rf"{REPO}/collaborators/(?P<user>\w+)/permission", self._permission),
            ("GET", rf"{REPO}/commits/(?P<commit>\w+)/status", self._status),
        ]

    def _opened(self, body: dict) -> Said:
        opened = self.open({**body, "draft": body["title"].startswith("WIP: ")})
        if isinstance(opened, str):
            taken = "already exists" in opened
            return (409, {"message": "pull request already exists for these targets"}) if taken else (
                404, {"message": opened})  # fmt: skip
        return 201, self._shown(opened)

    def _shown(self, pull: dict) -> dict:
        shown = self.shown(pull)
        mergeable = bool(shown["mergeable"]) and not shown["draft"]
        labels = [{"name": name} for name in shown["labels"]]
        told = {name: value for name, value in shown.items() if name not in OURS}
        return {
            **told, "merged": bool(shown["merged_at"]), "mergeable": mergeable, "labels": labels,
            "user": {"login": OPENER},
        }  # fmt: skip

    def _listed(self, query: dict[str, str]) -> list[dict]:
        size, page = int(query["limit"]), int(query["page"])
        return [self._shown(pull) for pull in reversed(self.pulls)][size * (page - 1) : size * page]

    def _changed(self, body: dict, query: dict, number: str) -> Said:
        pull = self.pull(number)
        pull.update(body)
        pull["draft"] = pull["title"].startswith("WIP: ")
        return 201, self._shown(pull)

    def _reviewers(self, body: dict, query: dict, number: str) -> Said:
        if set(body["reviewers"]) - self.writers:
            return 422, {"message": "reviewer is no collaborator"}
        self.pull(number)["reviewers"] += [*body["reviewers"], *body["team_reviewers"]]
        return 201, []

    def _labels(self, body: dict, query: dict, number: str) -> Said:
        self.pull(number)["labels"] += [LABELS[one] for one in body["labels"]]
        return 200, []

    def _comments(self, body: dict, query: dict, number: str) -> Said:
        return 200, [
            {
                "id": one["id"], "body": one["text"], "user": {"login": one["by"]},
                "created_at": one["created_at"], "updated_at": one["updated_at"],
            }
            for one in self.said_below(number)
        ]  # fmt: skip

    def _reviews(self, body: dict, query: dict, number: str) -> Said:
        return 200, [
            {
                "id": place, "state": STATES[one["state"]], "commit_id": one["commit"], "user": {"login": one["by"]},
                "dismissed": one["state"] == "dismissed", "stale": False,
            }
            for place, one in enumerate(self.reviews_of(number))
        ]  # fmt: skip

    def _comment(self, body: dict, query: dict, number: str) -> Said:
        self.say(int(number), body["body"], by="improver")
        return 201, {}

    def _permission(self, body: dict, query: dict, user: str) -> Said:
        return 200, {"permission": "write" if user in self.writers else "read"}

    def _status(self, body: dict, query: dict, commit: str) -> Said:
        found = [{"context": one["name"], "status": one["state"]} for one in self.checks if one["commit"] == commit]
        return 200, {"state": "", "statuses": found}
