"""GitLab's face of the fake forge."""

from collections.abc import Callable

from tests.forges.fake_forge import BOT, OPENER, TOKEN, FakeForge, Said

PROJECT = r"/projects/(?P<repository>[^/]+)"
MERGE_REQUEST = rf"{PROJECT}/merge_requests/(?P<number>\d+)"
USERS = {"ann": 7, "mallory": 8, OPENER: 9, BOT: 10}
NAMES = {BOT: "project_1_bot_0123abcd"}


def _user(name: str) -> dict:
    return {"id": USERS[name], "username": NAMES.get(name, name)}


class FakeGitLab(FakeForge):
    PAGE = "{url}/{repository}/-/merge_requests/{number}"
    CONTRACT = "gitlab"

    def authorised(self, headers: dict[str, str]) -> bool:
        return headers.get("private-token") == TOKEN

    def routes(self) -> list[tuple[str, str, Callable[..., Said]]]:
        return [
            ("GET", f"{PROJECT}/merge_requests", lambda body, query: (200, self._listed(query))),
            ("POST", f"{PROJECT}/merge_requests", lambda body, query: self._opened(body)),
            ("GET", MERGE_REQUEST, lambda body, query, number: (200, self._shown(self.pull(number)))),
            ("PUT", MERGE_REQUEST, self._changed),
            ("GET", f"{MERGE_REQUEST}/notes", self._notes),
            ("POST", f"{MERGE_REQUEST}/notes", self._note),
            ("GET", f"{MERGE_REQUEST}/approvals", self._approvals),
            ("GET", rf"{PROJECT}/members/all/(?P<user>\d+)", self._member),
            ("GET", rf"{PROJECT}/repository/commits/(?P<commit>\w+)/statuses", self._statuses),
            ("GET", "/users", self._users),
        ]

    def _opened(self, body: dict) -> Said:
        asked = {"base": body["target_branch"], "head": body["source_branch"], "title": body["title"]}
        opened = self.open({**asked, "body": body["description"], "draft": body["title"].startswith("Draft: ")})
        if isinstance(opened, str):
            taken = "already exists" in opened
            message = ["Another open merge request already exists for this source branch: !1"] if taken else [opened]
            return 409 if taken else 400, {"message": message}
        opened["labels"] = body.get("labels", [])
        opened["reviewers"] = body.get("reviewer_ids", [])
        return 201, self._shown(opened)

    def _shown(self, pull: dict) -> dict:
        pull = self.shown(pull)
        state = "merged" if pull["merged_at"] else {"open": "opened", "closed": "closed"}[pull["state"]]
        return {
            "iid": pull["number"], "web_url": pull["html_url"], "state": state, "sha": pull["head"]["sha"],
            "source_branch": pull["head"]["ref"], "source_project_id": 1, "project_id": 1, "title": pull["title"],
            "draft": pull["draft"], "labels": pull["labels"], "has_conflicts": pull["mergeable"] is False,
            "merge_commit_sha": pull["merge_commit_sha"] if pull["merged_at"] else None, "author": _user(OPENER),
        }  # fmt: skip

    def _listed(self, query: dict[str, str]) -> list[dict]:
        return [self._shown(pull) for pull in self.pulls if pull["head"]["ref"] == query["source_branch"]]

    def _changed(self, body: dict, query: dict, number: str) -> Said:
        pull = self.pull(number)
        if body.get("state_event") == "close":
            pull["state"] = "closed"
        if title := body.get("title"):
            pull |= {"title": title, "draft": title.startswith("Draft: ")}
        return 200, self._shown(pull)

    def _notes(self, body: dict, query: dict, number: str) -> Said:
        size, page = int(query["per_page"]), int(query["page"])
        found = [
            {
                "id": one["id"], "body": one["text"], "system": False, "author": _user(one["by"]),
                "created_at": one["created_at"], "updated_at": one["updated_at"],
            }
            for one in self.said_below(number)
        ]  # fmt: skip
        return 200, found[size * (page - 1) : size * page]

    def _note(self, body: dict, query: dict, number: str) -> Said:
        self.say(int(number), body["body"], by="improver")
        return 201, {}

    def _approvals(self, body: dict, query: dict, number: str) -> Said:
        decided = [one for one in self.reviews_of(number) if one["state"] != "commented"]
        approves = {one["by"]: one["state"] == "approved" for one in decided}
        return 200, {"approved_by": [{"user": _user(name)} for name, given in approves.items() if given]}

    def _member(self, body: dict, query: dict, user: str) -> Said:
        writes = next(name for name, number in USERS.items() if number == int(user)) in self.writers
        return (200, {"access_level": 30}) if writes else (404, {"message": "404 Not found"})

    def _statuses(self, body: dict, query: dict, commit: str) -> Said:
        known = {"failure": "failed", "pending": "running"}
        return 200, [
            {"name": one["name"], "status": known.get(one["state"], one["state"]), "allow_failure": False}
            for one in self.checks
            if one["commit"] == commit
        ]

    def _users(self, body: dict, query: dict) -> Said:
        name = query["username"]
        return 200, [{"id": USERS[name]}] if name in USERS else []
