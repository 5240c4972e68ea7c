"""What tells improver something without an SDK in the app: logs, a copy of what goes elsewhere, agents, remarks."""

from improver.model import TrustLabel
from improver.sdks.opentelemetry import EXPORTER
from improver.sdks.sdk import Sdk

SPOTLIGHT = Sdk(
    name="A Sentry SDK that reports elsewhere already",
    language="",
    trust=TrustLabel.SERVER,
    install="",
    place="in the environment that the app starts with: its DSN stays as it is, and a copy comes here",
    code="",
    environment={"SENTRY_SPOTLIGHT": "{origin}/stream/{key}"},
)
LOGS = Sdk(
    name="Logs: plain text, structlog, JSON lines, journald",
    packages=(
        "structlog", "loguru", "python-json-logger", "winston", "pino", "bunyan", "log4js", "go.uber.org/zap",
        "github.com/rs/zerolog", "github.com/sirupsen/logrus", "ch.qos.logback:*", "org.apache.logging.log4j:*",
        "semantic_logger", "lograge", "monolog/monolog", "Serilog", "Serilog.*", "NLog", "tracing-subscriber",
    ),
    language="",
    trust=TrustLabel.SERVER,
    install="",
    place="in improver.toml, with the path of its log files; then restart `improver run`",
    code="[[collectors.logs.sources]]\npath = {logs}\nservice = {target}",
)  # fmt: skip
CLAUDE_CODE = Sdk(
    name="Claude Code's own telemetry",
    language="",
    trust=TrustLabel.SERVER,
    install="",
    place="in the shell that `claude` starts from: its tool calls, errors, tokens and costs",
    code="",
    environment={
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_LOG_TOOL_DETAILS": "1",
        **EXPORTER,
    },
)
MCP = Sdk(
    name="MCP",
    language="",
    trust=TrustLabel.SERVER,
    install="",
    place="so that an agent can ask for Findings and leave remarks (over HTTP: {web}/mcp)",
    code="claude mcp add improver -- improver mcp",
)
FEEDBACK = Sdk(
    name="Feedback",
    language="",
    trust=TrustLabel.PUBLIC,
    install="",
    place="what a person says: from a page (this key is no secret), or with `improver feedback \"…\"`",
    code="curl {origin}/feedback -H 'X-Improver-Key: {key}' -H 'Content-Type: application/json' \\\n"
    "  -d '{\"said\": \"the export is slow\"}'",
)

ANYWAY = (LOGS, CLAUDE_CODE, MCP, FEEDBACK)
