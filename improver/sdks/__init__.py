"""The SDKs that can report here; the first of each language is the one that an app without any is told of."""

from improver.sdks.anyway import ANYWAY, SPOTLIGHT
from improver.sdks.opentelemetry import OPENTELEMETRY
from improver.sdks.posthog import POSTHOG
from improver.sdks.sdk import Sdk
from improver.sdks.sentry import SENTRY

SDKS = (*SENTRY, *POSTHOG, *OPENTELEMETRY)

__all__ = ["ANYWAY", "OPENTELEMETRY", "POSTHOG", "SDKS", "SENTRY", "SPOTLIGHT", "Sdk"]
