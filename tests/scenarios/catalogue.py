"""Every scenario by its name: the families' modules of every set, each with its list SCENARIOS."""

import importlib
import pkgutil
from dataclasses import replace
from functools import cache

from tests.scenarios.label import PARTS, Scenario


@cache
def catalogue() -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for part in PARTS:
        package = importlib.import_module(f"tests.scenarios.{part}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.ispkg:
                continue
            for scenario in importlib.import_module(f"{package.__name__}.{module.name}").SCENARIOS:
                if scenario.name in found:
                    raise ValueError(f"two scenarios are named {scenario.name}")
                found[scenario.name] = replace(scenario, part=part)
    return found
