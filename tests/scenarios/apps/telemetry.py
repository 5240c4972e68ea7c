"""The SDKs as an app's own docs say to set them up: OpenTelemetry by its instrumentations, or Sentry."""

import logging
import os
import sqlite3
import time

ENVIRONMENT = os.environ.get("ENVIRONMENT", "production")
# What a query costs where the database is another machine.
NETWORK_S = float(os.environ.get("NETWORK_S", "0.008"))


def sentry(**options):
    import sentry_sdk

    sentry_sdk.init(
        traces_sample_rate=1.0,
        before_send_transaction=_without_flushes,
        release=os.environ["RELEASE"],
        environment=ENVIRONMENT,
        send_default_pii=False,
        **options,
    )
    sentry_sdk.set_tag("service", os.environ["OTEL_SERVICE_NAME"])
    return sentry_sdk


def _without_flushes(transaction, hint):
    """The recorder asks for them, no visitor does."""
    return None if transaction.get("transaction") in ("flush", "/-/flush") else transaction


def sentry_flask(app):
    import sentry_sdk
    from flask import request

    @app.before_request
    def who():
        sentry_sdk.set_user({"id": request.headers.get("X-User", "")})

    @app.get("/-/flush")
    def flush():
        sentry_sdk.flush(5)
        return ""

    return app


def sentry_fastapi(app):
    import sentry_sdk
    from fastapi import Request

    @app.middleware("http")
    async def who(request: Request, call_next):
        sentry_sdk.set_user({"id": request.headers.get("X-User", "")})
        return await call_next(request)

    @app.get("/-/flush")
    def flush():
        sentry_sdk.flush(5)
        return ""

    return app


def otel():
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.requests import RequestsInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    # The exporter and the app's own health checks use the same library.
    RequestsInstrumentor().instrument(excluded_urls="/v1/")
    return trace.get_tracer("app")


def otel_logs():
    """Standard logging, exported over OTLP beside the traces."""
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    # Who asked for what is in the traces.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(provider)
    logging.basicConfig(level=logging.INFO, handlers=[LoggingHandler(logger_provider=provider)])
    return provider


def flush_otel(*more):
    from opentelemetry import trace

    trace.get_tracer_provider().force_flush()
    for provider in more:
        provider.force_flush()


def otel_flask(app, *more):
    from opentelemetry import trace
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor().instrument_app(app, excluded_urls="/-/flush")

    @app.before_request
    def who():
        from flask import request

        if request.headers.get("X-User"):
            trace.get_current_span().set_attribute("user.id", request.headers["X-User"])

    @app.get("/-/flush")
    def flush():
        flush_otel(*more)
        return ""

    return app


def otel_fastapi(app, *more):
    from fastapi import Request
    from opentelemetry import trace
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    @app.middleware("http")
    async def who(request: Request, call_next):
        if request.headers.get("X-User"):
            trace.get_current_span().set_attribute("user.id", request.headers["X-User"])
        return await call_next(request)

    @app.get("/-/flush")
    def flush():
        flush_otel(*more)
        return ""

    FastAPIInstrumentor.instrument_app(app, excluded_urls="/-/flush", exclude_spans=["receive", "send"])
    return app


def engine(path, instrument=True):
    """SQLAlchemy on a real sqlite file, as far away as a database on the network."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    made = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    if instrument:
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

        SQLAlchemyInstrumentor().instrument(engine=made)

    @event.listens_for(made, "before_cursor_execute")
    def far(connection, cursor, statement, parameters, context, executemany):
        time.sleep(NETWORK_S * (25 if "/* report */" in statement else 1))

    return made


class Far(sqlite3.Cursor):
    """A cursor whose answers come over a network."""

    def execute(self, sql, *args):
        time.sleep(NETWORK_S)
        return super().execute(sql, *args)


def sqlite(path):
    """sqlite3 as its instrumentation wraps it."""
    from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor

    connection = sqlite3.connect(path, check_same_thread=False, factory=FarConnection)
    return SQLite3Instrumentor.instrument_connection(connection)


class FarConnection(sqlite3.Connection):
    def cursor(self, factory=Far):
        return super().cursor(factory)


def serve(app):
    """Flask or FastAPI, whichever it is, on the port that we were given."""
    port = int(os.environ["PORT"])
    if hasattr(app, "wsgi_app"):
        app.run(port=port, threaded=True)
    else:
        import uvicorn

        uvicorn.run(app, port=port, log_level="warning")
