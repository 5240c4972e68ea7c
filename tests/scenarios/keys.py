"""The keys that the apps were given while they were recorded: a replay knows them too."""

from pathlib import Path

SERVER = "5e4be400000000000000000000000001"
PUBLIC = "9ab11c00000000000000000000000002"
KEYS = (SERVER, PUBLIC)
TARGET = "shop"
PROJECT = 1


def write(path: Path) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(_table(value, trust) for value, trust in ((SERVER, "server"), (PUBLIC, "public"))))


def _table(value: str, trust: str) -> str:
    lines = (
        "[[keys]]", f'id = "{value[-8:]}"', f'value = "{value}"', f'target = "{TARGET}"', f'trust = "{trust}"',
        f"project = {PROJECT}", "created = 2026-01-01T00:00:00Z",
    )  # fmt: skip
    return "\n".join(lines) + "\n"
