"""Settings: one TOML file, overridden by IMPROVER_… in the environment."""

from improver.config.load import load, plugin_config
from improver.config.settings import Artificial, Settings, Target

__all__ = ["Artificial", "Settings", "Target", "load", "plugin_config"]
