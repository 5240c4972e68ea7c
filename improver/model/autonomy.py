"""How far an Attempt may go, and what limits it."""

from improver.model.glossed import Glossed


class Autonomy(Glossed):
    REPORT = "report", "Spec and diff are kept here; nothing leaves"
    BRANCH = "branch", "a branch is made in the target's repository"
    PR = "pr", "a pull request is opened"
    COMMIT = "commit", "the change is fast-forwarded onto the target's branch"

    @property
    def rank(self) -> int:
        return list(Autonomy).index(self)

    def lowered(self) -> "Autonomy":
        return list(Autonomy)[max(0, self.rank - 1)]


def least(levels: "list[Autonomy]") -> Autonomy:
    return min(levels, key=lambda level: level.rank)


class TrustLabel(Glossed):
    """Where a Payload's sender stands; it caps the Autonomy of what follows from it."""

    PUBLIC = "public", "anybody could have sent this"
    SERVER = "server", "sent with a secret key and without a browser's headers"


class Isolation(Glossed):
    """What stood between an Agent, or a target's own commands, and this machine."""

    BUBBLEWRAP = "bubblewrap", "own namespaces, no network, read-only system"
    LANDLOCK = "landlock", "file and TCP rules only: processes are not isolated"
    HOST = "host", "a person allowed this Target to run unsandboxed"
    NONE = "none", "no sandbox on this machine"
    EXEMPT = "exempt", "improver's own rehearsed edits on its own demo app, unsandboxed"

    @property
    def cap(self) -> Autonomy:
        return {Isolation.LANDLOCK: Autonomy.BRANCH, Isolation.NONE: Autonomy.REPORT}.get(self, Autonomy.COMMIT)
