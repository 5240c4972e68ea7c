"""The config and the environment under which git runs nothing but itself."""

import os

from improver.paths import search_path

# What a repository's config could make git execute, switched off. Drivers have free names: `disarmed` finds those.
SAFE = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.editor": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.alternateRefsCommand": "true",
    "core.bigFileThreshold": "4m",  # a larger file is shown as binary
    "core.sparseCheckout": "false",  # a sparse worktree would look as if the Agent had deleted the rest
    "core.splitIndex": "false",
    "core.untrackedCache": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.quotePath": "false",
    "advice.graftFileDeprecated": "false",
    "blame.ignoreRevsFile": "",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "merge.verifySignatures": "false",
    "merge.autoStash": "false",
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
    "safe.directory": "*",  # a person named this repository in the config
}
OVERRIDES = tuple(part for key, value in SAFE.items() for part in ("-c", f"{key}={value}"))
NOBODY = {
    "GIT_AUTHOR_NAME": "improver",
    "GIT_AUTHOR_EMAIL": "improver@localhost",
    "GIT_COMMITTER_NAME": "improver",
    "GIT_COMMITTER_EMAIL": "improver@localhost",
}
CLEAN = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace could show a Gate another commit than the one delivered
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
}
OFFLINE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ALLOW_PROTOCOL": "none",  # a promisor remote would be asked for missing objects
    "GIT_NO_LAZY_FETCH": "1",
}
ONLINE = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
# What plain git needs to reach a remote as the person does.
REACH = ("SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")


def disarming(key: str) -> list[tuple[str, str]]:
    """A filter that is not run leaves files as the repository holds them; a merge driver that fails is a conflict."""
    section, _, rest = key.partition(".")
    name, _, variable = rest.rpartition(".")
    if section == "filter" and variable in ("clean", "smudge", "process", "required"):
        return [(key, "false" if variable == "required" else "")]
    if section == "merge" and name and variable == "driver":
        return [(key, "false")]
    return []


def inherited(*names: str) -> dict[str, str]:
    found = {name: os.environ[name] for name in names if name in os.environ}
    return {**found, "PATH": search_path(found)} if "PATH" in found else found
