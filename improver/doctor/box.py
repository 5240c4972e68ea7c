"""The sandbox: a program in it tries to reach this machine's network and the home folder, and must fail."""

import json
import socket
import sys
import tempfile
from pathlib import Path

from improver import sandbox
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.model import Isolation
from improver.sandbox import Order

TRIAL_S = 30.0
INSTALL = "apt-get install bubblewrap"
ESCAPE = """
import json, os, socket, sys
port, secret = int(sys.argv[1]), sys.argv[2]
out = {"network": True, "home": True}
try:
    socket.create_connection(("127.0.0.1", port), timeout=3).close()
except OSError:
    out["network"] = False
try:
    open(secret).close()
except OSError:
    out["home"] = False
print(json.dumps(out))
"""


def try_out(isolation: Isolation) -> Check:
    if isolation == Isolation.NONE:
        return warn("sandbox", f"{isolation.gloss}: nothing is attempted", INSTALL)
    try:
        reached = _escape(isolation)
    except ImproverError as error:
        return failed("sandbox", error)
    if reached:
        return fail("sandbox", f"{isolation} lets a program reach {' and '.join(reached)}", INSTALL)
    if isolation.cap.rank < Isolation.BUBBLEWRAP.cap.rank:
        return warn("sandbox", f"{isolation}: {isolation.gloss}; changes go no further than {isolation.cap}", INSTALL)
    return ok("sandbox", f"{isolation}: {isolation.gloss}; tried: no network, no home folder")


def _escape(isolation: Isolation) -> list[str]:
    """What a program in the box can reach and must not."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.NamedTemporaryFile(dir=Path.home(), prefix=".improver-doctor-") as secret,
        tempfile.TemporaryDirectory(prefix="improver-doctor-") as tree,
    ):
        argv = (sys.executable, "-I", "-c", ESCAPE, str(listener.getsockname()[1]), secret.name)
        done = sandbox.run(Order(argv=argv, tree=Path(tree), wall_clock_s=TRIAL_S), isolation)
    if done.code != 0:
        said = done.output.strip()[-300:]
        raise ImproverError(f"a program in the sandbox ended with {done.code}: {said}", hint=INSTALL)
    found = json.loads(done.output.strip().splitlines()[-1])
    names = {"network": "this machine's network", "home": "the home folder"}
    return [name for key, name in names.items() if found[key]]
