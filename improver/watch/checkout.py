"""The checkout that the app runs from: which commit it is at, and whether what came since is verified."""

from collections.abc import Callable
from dataclasses import dataclass, field

from improver.errors import ImproverError
from improver.repo import Repository

# Every commit that improver delivers names its Attempt, whose Gates all passed.
VERIFIED = "Improver-Attempt"


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
        return [commit for commit, _ in commits] if all(attempt for _, attempt in commits) else []

    def replaces(self, running: str) -> str:
        """The commit to restart on; empty while the running one should stay."""
        head = self.head()
        if head == running or head in self._passed_over:
            return ""
        if self.any_commit or self.fixes(running, head):
            return head
        self._passed_over.add(head)
        self.say(f"the checkout is at {head[:10]} now, not only by verified fixes: not restarted (--any-commit would)")
        return ""

    def undo(self, fixes: list[str]) -> None:
        """Revert commits, newest first: history is never rewritten, and a reverted commit is never a fix again."""
        for commit in fixes:
            self.repository.revert(commit, self.branch, {"Improver-Reverted-By": "improver watch"})
