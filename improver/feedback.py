"""Takes a remark from whoever is at this machine, and puts it where every Payload goes: into the Spool."""

import json
import secrets

from improver import plugins
from improver.config import plugin_config
from improver.errors import ImproverError
from improver.model import Payload, Request, TrustLabel
from improver.runtime import Runtime

COLLECTOR = "feedback"
PATH = "/feedback"


def remark(runtime: Runtime, fields: dict[str, object]) -> str:
    """The id of the Payload that it became; what says nothing is refused in the Collector's own words."""
    body = json.dumps(fields).encode()
    plugin = plugins.load("collectors", COLLECTOR)
    config = plugin_config(runtime.settings, "collectors", COLLECTOR, plugin)
    refusal = plugin.check(Request(method="POST", path=PATH, query={}, headers={}, body=body), config)
    if refusal:
        said = json.loads(refusal.body)
        raise ImproverError(said["detail"], hint=said.get("hint", ""))
    payload = Payload(
        id=secrets.token_hex(16),
        collector=COLLECTOR,
        path=PATH,
        received_at=runtime.clock(),
        body=body,
        trust=TrustLabel.SERVER,
        content_type="application/json",
    )
    runtime.spool.append_now([payload])
    return payload.id


def target_of(runtime: Runtime, named: str) -> str:
    """Which Target a remark is about whose sender shows no key: the one that is named, or the only one."""
    if named:
        runtime.target(named)
        return named
    targets = list(runtime.settings.targets)
    if len(targets) > 1:
        raise ImproverError("which target is this about?", hint=f"name one of: {', '.join(targets)}")
    return targets[0] if targets else ""
