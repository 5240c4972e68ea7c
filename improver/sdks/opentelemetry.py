"""OpenTelemetry in every language: where to send is in the same environment variables everywhere."""

from improver.model import TrustLabel
from improver.sdks.sdk import REVISION, Sdk

EXPORTER = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "{otlp}",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-improver-key={key}",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "{protocol}",
}
ENVIRONMENT = {
    **EXPORTER,
    "OTEL_SERVICE_NAME": "{target}",
    "OTEL_RESOURCE_ATTRIBUTES": f'"service.version={REVISION},deployment.environment.name=production"',
}
THE_REST = "the rest is in the environment"


def _of(language: str, name: str, packages: tuple[str, ...], install: str, place: str, code: str, **more: str) -> Sdk:
    return Sdk(
        name=name,
        packages=packages,
        language=language,
        trust=TrustLabel.SERVER,
        install=install,
        place=place,
        code=code,
        environment={**ENVIRONMENT, **more},
    )


PYTHON = _of(
    "Python",
    "opentelemetry-sdk",
    # Not its API alone: other libraries bring that along.
    (
        "opentelemetry-sdk", "opentelemetry-distro", "opentelemetry-exporter-*", "opentelemetry-instrumentation*",
        "azure-monitor-opentelemetry", "logfire",
    ),
    "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-{door}",
    f"where the tracer is set up, unless `opentelemetry-instrument` does it; {THE_REST}",
    "from opentelemetry import trace\n"
    "from opentelemetry.exporter.otlp.proto.{door}.trace_exporter import OTLPSpanExporter\n"
    "from opentelemetry.sdk.trace import TracerProvider\n"
    "from opentelemetry.sdk.trace.export import BatchSpanProcessor\n\n"
    "tracing = TracerProvider()\n"
    "tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))\n"
    "trace.set_tracer_provider(tracing)",
)  # fmt: skip
NODE = _of(
    "JavaScript",
    "@opentelemetry/sdk-node",
    ("@opentelemetry/*", "@vercel/otel"),
    "npm install @opentelemetry/sdk-node @opentelemetry/auto-instrumentations-node",
    f"before all else (`node --require ./tracing.js app.js`); {THE_REST}",
    'const { NodeSDK } = require("@opentelemetry/sdk-node");\n'
    'const { getNodeAutoInstrumentations } = require("@opentelemetry/auto-instrumentations-node");\n\n'
    "new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();",
)
GO = _of(
    "Go",
    "opentelemetry-go",
    ("go.opentelemetry.io/otel/sdk*", "go.opentelemetry.io/otel/exporters/*", "go.opentelemetry.io/contrib/*"),
    "go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptrace{door}",
    f"in main(), before anything is traced; {THE_REST}",
    "exporter, err := otlptrace{door}.New(ctx)\n"
    "otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter)))",
)
RUBY = _of(
    "Ruby",
    "opentelemetry-sdk (Ruby)",
    ("opentelemetry-*",),
    "bundle add opentelemetry-sdk opentelemetry-exporter-otlp opentelemetry-instrumentation-all",
    f"where the app starts; {THE_REST}",
    'require "opentelemetry/sdk"\nrequire "opentelemetry/instrumentation/all"\n\n'
    "OpenTelemetry::SDK.configure { |config| config.use_all }",
)
JAVA = _of(
    "Java",
    "opentelemetry-java",
    ("io.opentelemetry:*", "io.opentelemetry.instrumentation:*"),
    "download opentelemetry-javaagent.jar from its releases",
    f"on the app's command line: no code is needed; {THE_REST}",
    "java -javaagent:opentelemetry-javaagent.jar -jar app.jar",
)
PHP = _of(
    "PHP",
    "opentelemetry-php",
    ("open-telemetry/*",),
    "composer require open-telemetry/sdk open-telemetry/exporter-otlp",
    f"no code is needed; {THE_REST}",
    "",
    OTEL_PHP_AUTOLOAD_ENABLED="true",
)
DOTNET = _of(
    ".NET",
    "OpenTelemetry for .NET",
    ("OpenTelemetry", "OpenTelemetry.*"),
    "dotnet add package OpenTelemetry.Extensions.Hosting OpenTelemetry.Exporter.OpenTelemetryProtocol",
    f"in Program.cs; {THE_REST}",
    "builder.Services.AddOpenTelemetry()\n"
    "    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());",
)
RUST = _of(
    "Rust",
    "opentelemetry-otlp (Rust)",
    ("opentelemetry*",),
    "cargo add opentelemetry opentelemetry_sdk opentelemetry-otlp",
    f"where the tracer is set up; {THE_REST}",
    "let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;",
)

OPENTELEMETRY = (PYTHON, NODE, GO, RUBY, JAVA, PHP, DOTNET, RUST)
