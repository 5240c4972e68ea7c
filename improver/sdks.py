"""The SDKs that can report here: how to get each, and what makes it report everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from improver.model import TrustLabel

REVISION = "$(git rev-parse HEAD)"
SENTRY = {"SENTRY_DSN": "{dsn}", "SENTRY_ENVIRONMENT": "production", "SENTRY_RELEASE": f'"{REVISION}"'}
POSTHOG = {"POSTHOG_KEY": "{key}", "POSTHOG_HOST": "{origin}"}
OTEL = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "{origin}",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-improver-key={key}",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_SERVICE_NAME": "{target}",
    "OTEL_RESOURCE_ATTRIBUTES": f'"service.version={REVISION},deployment.environment.name=production"',
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sdk:
    """`family` is what the names of its packages begin with, where it has many.

    In its code and its environment stand "{dsn}", "{origin}", "{key}" and "{target}" for what they are of a Target.
    """

    name: str
    language: str
    trust: TrustLabel
    install: str
    place: str
    code: str
    family: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def is_among(self, dependencies: frozenset[str]) -> bool:
        return self.name in dependencies or (self.family != "" and any(d.startswith(self.family) for d in dependencies))


# Every run is traced, because a fix is only said to hold once it was exercised. An app without any SDK is told of
# the one that has its language here.
SDKS = (
    Sdk(
        name="sentry-sdk",
        language="Python",
        trust=TrustLabel.SERVER,
        install="pip install sentry-sdk",
        place="before the app is made; the DSN comes from the environment",
        code="import sentry_sdk\n\nsentry_sdk.init(traces_sample_rate=1.0)",
        environment=SENTRY,
    ),
    Sdk(
        name="@sentry/node",
        language="JavaScript",
        trust=TrustLabel.SERVER,
        install="npm install @sentry/node",
        place="in the first file that runs; the DSN comes from the environment",
        code='const Sentry = require("@sentry/node");\n\nSentry.init({ tracesSampleRate: 1.0 });',
        environment=SENTRY,
    ),
    Sdk(
        name="@sentry/browser",
        language="",
        trust=TrustLabel.PUBLIC,
        install="npm install @sentry/browser",
        place="in the page; this DSN is no secret, and its evidence never goes beyond a branch by itself",
        code='import * as Sentry from "@sentry/browser";\n\nSentry.init({ dsn: "{dsn}", tracesSampleRate: 1.0 });',
    ),
    Sdk(
        name="posthog",
        language="",
        trust=TrustLabel.SERVER,
        install="pip install posthog",
        place="where the app starts; key and host come from the environment",
        code="import os\n\nimport posthog\n\n"
        'posthog.api_key = os.environ["POSTHOG_KEY"]\n'
        'posthog.host = os.environ["POSTHOG_HOST"]\n'
        "posthog.enable_exception_autocapture = True\n"
        "posthog.setup()",
        environment={**POSTHOG, "POSTHOG_RELEASE_ID": f'"{REVISION}"'},
    ),
    Sdk(
        name="posthog-node",
        language="",
        trust=TrustLabel.SERVER,
        install="npm install posthog-node",
        place="where the app starts; key and host come from the environment",
        code='const { PostHog } = require("posthog-node");\n\n'
        "new PostHog(process.env.POSTHOG_KEY, "
        "{ host: process.env.POSTHOG_HOST, enableExceptionAutocapture: true });",
        environment=POSTHOG,
    ),
    Sdk(
        name="posthog-js",
        language="",
        trust=TrustLabel.PUBLIC,
        install="npm install posthog-js",
        place="in the page; this key is no secret, and its evidence never goes beyond a branch by itself",
        code='import posthog from "posthog-js/dist/module.full.no-external";\n\n'
        'posthog.init("{key}", { api_host: "{origin}", capture_exceptions: true, capture_dead_clicks: true });',
    ),
    Sdk(
        name="posthog-js",
        language="",
        trust=TrustLabel.PUBLIC,
        install="npm install posthog-js",
        place="or, below PostHog's snippet, with `static` set under [collectors.posthog]",
        code='posthog.init("{key}", { api_host: "{origin}", capture_exceptions: true, capture_dead_clicks: true });',
    ),
    Sdk(
        name="opentelemetry-exporter-otlp-proto-http",
        family="opentelemetry-",
        language="",
        trust=TrustLabel.SERVER,
        install="pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
        place="where the tracer is set up, unless `opentelemetry-instrument` does it; the rest is in the environment",
        code="from opentelemetry import trace\n"
        "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import BatchSpanProcessor\n\n"
        "tracing = TracerProvider()\n"
        "tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))\n"
        "trace.set_tracer_provider(tracing)",
        environment=OTEL,
    ),
    Sdk(
        name="@opentelemetry/sdk-node",
        family="@opentelemetry/",
        language="",
        trust=TrustLabel.SERVER,
        install="npm install @opentelemetry/sdk-node @opentelemetry/auto-instrumentations-node",
        place="in the first file that runs; where to send comes from the environment",
        code='const { NodeSDK } = require("@opentelemetry/sdk-node");\n'
        'const { getNodeAutoInstrumentations } = require("@opentelemetry/auto-instrumentations-node");\n\n'
        "new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();",
        environment=OTEL,
    ),
)
