"""A repository's .git as the box may see it: nothing can be written, and no remote or credential is named."""

import re
from pathlib import Path

SECTION = re.compile(r"\s*\[([\w.-]+)\]\s*$")
SETTING = re.compile(r"\s*([\w-]+)\s*=\s*([\w.-]+)\s*$")
# What git needs to read the objects and compare the files; remotes, helpers, filters and includes are not among it.
KEPT = {
    "core": {
        "repositoryformatversion", "filemode", "bare", "symlinks", "ignorecase", "autocrlf", "eol", "sparsecheckout",
        "sparsecheckoutcone",
    },
    "extensions": {"objectformat", "refstorage", "compatobjectformat", "relativeworktrees", "worktreeconfig"},
}  # fmt: skip


def mounts(git_dir: Path | None, tree: Path, folder: Path) -> list[str]:
    """bubblewrap's options that lay this view over the tree; masked files are written to `folder`."""
    link = tree / ".git"
    common = git_dir or (link if link.is_dir() else None)
    options = ["--ro-bind", str(link), str(link)] if link.is_file() else []
    if common is None:
        return options
    options += ["--ro-bind", str(common), str(common)]
    configs = [common / "config", common / "config.worktree", *common.glob("worktrees/*/config.worktree")]
    for number, config in enumerate(config for config in configs if config.is_file()):
        mask = folder / f"git-config-{number}"
        mask.write_text(masked(config.read_text(errors="replace")))
        options += ["--ro-bind", str(mask), str(config)]
    for modules in (common / "modules", *common.glob("worktrees/*/modules")):
        if modules.is_dir():
            options += ["--tmpfs", str(modules)]  # each submodule has a config of its own
    return options


def masked(config: str) -> str:
    """The few settings that say how the repository is stored."""
    section = ""
    kept = []
    for line in config.splitlines():
        if line.lstrip().startswith("["):
            opened = SECTION.match(line)
            section = opened[1].lower() if opened else ""
        elif (setting := SETTING.match(line)) and setting[1].lower() in KEPT.get(section, ()):
            kept.append(f"[{section}]\n\t{setting[1]} = {setting[2]}\n")
    return "".join(kept)
