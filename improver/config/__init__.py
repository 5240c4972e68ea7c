"""Settings: one TOML file, overridden by IMPROVER_… in the environment."""

from improver.config.load import load, plugin_config
from improver.config.settings import Settings, Target

__all__ = ["Settings", "Target", "load", "plugin_config"]
