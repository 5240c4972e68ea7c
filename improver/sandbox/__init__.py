"""The box: the only place that starts somebody else's program, and the only way out of it."""

from improver.sandbox.box import run
from improver.sandbox.limits import Limits, held, lanes, limits_of
from improver.sandbox.meter import Left, Meter, Spent
from improver.sandbox.model_proxy import ModelProxy
from improver.sandbox.order import Network, Order
from improver.sandbox.probe import isolation_for, probe

__all__ = [
    "Left", "Limits", "Meter", "ModelProxy", "Network", "Order", "Spent", "held", "isolation_for", "lanes", "limits_of",
    "probe", "run",
]  # fmt: skip
