"""No box at all: the command runs as improver's own user. Only the leash and the cleared environment remain."""

from improver.sandbox.discover import locate
from improver.sandbox.order import Order
from improver.sandbox.wrapped import Workbench, Wrapped


def wrap(order: Order, bench: Workbench) -> Wrapped:
    home = bench.folder / "home"
    home.mkdir()
    env = order.environment(home=str(home), temporary=str(home))
    program = locate(order.argv[0], search=env["PATH"], tree=order.tree)
    return Wrapped(argv=(str(program), *order.argv[1:]), env=env)
