"""The second-best box: file and TCP rules of the kernel, for machines where namespaces are not to be had."""

import ctypes
import json
import sys
from pathlib import Path

from improver.sandbox.discover import SYSTEM
from improver.sandbox.order import Order
from improver.sandbox.sight import ETC, sight
from improver.sandbox.wrapped import Workbench, Wrapped

CONFINE = Path(__file__).with_name("confine.py")
CREATE_RULESET = 444  # the same number on every architecture
ASK_VERSION = 1


def abi() -> int:
    """What this kernel's Landlock can do; 0 when it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)))


def wrap(order: Order, bench: Workbench) -> Wrapped:
    home = bench.folder / "home"
    home.mkdir()
    # git would die of a system config that it may not read. The repository's own .git stays hidden: rules
    # can only add to a folder, so its config could not be masked.
    env = {"GIT_CONFIG_NOSYSTEM": "1", **order.environment(home=str(home), temporary=str(home))}
    seen = sight(order, env["PATH"])
    rules = {
        "read": [str(path) for path in (*SYSTEM, *ETC, Path("/proc"), *seen.readable) if path.exists()],
        "write": [str(path) for path in (*seen.writable, home)],
        "connect": [order.model_port] if order.model_port else [],
        "network": order.network,
    }
    bench.options.write(json.dumps(rules).encode())
    given = (bench.options.fileno(), bench.report.fileno())
    launcher = (sys.executable, "-I", "-S", str(CONFINE), *map(str, given))
    return Wrapped(argv=(*launcher, str(seen.program), *order.argv[1:]), env=env, proof=b"confined", descriptors=given)
