"""The box: the only place that starts somebody else's program, and the only way out of it."""

from improver.sandbox.box import run
from improver.sandbox.model_proxy import ModelProxy
from improver.sandbox.order import Order
from improver.sandbox.probe import isolation_for, probe

__all__ = ["ModelProxy", "Order", "isolation_for", "probe", "run"]
