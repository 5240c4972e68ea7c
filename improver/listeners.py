"""The daemon's two doors: sockets bound before anything else, and the receiver with its Collectors."""

import socket

from improver import plugins
from improver.config import plugin_config
from improver.errors import ImproverError
from improver.receiver import Receiver
from improver.runtime import Runtime


def bind(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket; a port in use is an error that says by whom."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ImproverError(
            f"cannot listen on {host}:{port}: {error.strerror}{_holder(port)}",
            hint=f"stop it, or set {setting} to another port (0 takes a free one)",
        ) from error
    listener.setblocking(False)
    return listener


def _holder(port: int) -> str:
    """The process that listens on a port, as far as /proc tells."""
    from improver.sockets import listening_process

    found = listening_process(port)
    return f": {found} has it" if found else ""


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def receiver(runtime: Runtime) -> Receiver:
    """The ingest app, with every Collector that is not switched off."""
    settings = runtime.settings
    found = {}
    for name in plugins.enabled("collectors", settings.collectors):
        plugin = plugins.load("collectors", name)
        if hasattr(plugin, "ROUTES"):
            found[name] = (plugin, plugin_config(settings, "collectors", name, plugin))
    return Receiver(
        spool=runtime.spool,
        keys=runtime.keys,
        collectors=found,
        settings=settings.ingest,
        clock=runtime.clock,
        fixes=runtime.data.fixes,
    )
