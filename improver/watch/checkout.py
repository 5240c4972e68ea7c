"""The checkout that the app runs from: which commit it is at, and whether what came since is verified."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from improver.errors import ImproverError
from improver.repo import Repository

# Every commit that improver delivers names its Attempt, whose Gates all passed …
VERIFIED = "Improver-Attempt"
ATTEMPT = re.compile(r"[\w-]+", re.ASCII)
# … and, because anybody can write that into a commit, improver says which one it was where no fetched commit can.
DELIVERED = "refs/improver/delivered/"


@dataclass(kw_only=True)
class Checkout:
    repository: Repository
    branch: str
    any_commit: bool
    say: Callable[[str], None]
    _passed_over: set[str] = field(default_factory=set)

    def head(self) -> str:
        found = self.repository.resolve("HEAD")
        if found is None:
            raise ImproverError(f"{self.repository.path} has no commit yet", hint="commit the app's code first")
        return found

    def fixes(self, since: str, until: str) -> list[str]:
        """The commits between the two, newest first, if every one of them is a verified fix; else none."""
        if since == until or not self.repository.is_ancestor(since, until):
            return []
        commits = self.repository.trailers(since, until, VERIFIED)
        return [commit for commit, _ in commits] if all(self._is_delivered(*named) for named in commits) else []

    def replaces(self, running: str) -> str:
        """The commit to restart on; empty while the running one should stay."""
        head = self.head()
        if head == running:
            return ""
        if self.any_commit or self.fixes(running, head):
            return head
        if head in self._passed_over:
            return ""  # looked at again each time: a fix is marked just after it is there
        self._passed_over.add(head)
        self.say(f"the checkout is at {head[:10]} now, not only by verified fixes: not restarted (--any-commit would)")
        return ""

    def undo(self, fixes: list[str]) -> None:
        """Revert commits, newest first: history is never rewritten, and a reverted commit is never a fix again."""
        for commit in fixes:
            self.repository.revert(commit, self.branch, {"Improver-Reverted-By": "improver watch"})

    def _is_delivered(self, commit: str, attempt: str) -> bool:
        return bool(ATTEMPT.fullmatch(attempt)) and self.repository.resolve(DELIVERED + attempt) == commit
