"""OTLP's messages with less in them: spans and logs for columns, what is rare as bytes, and requests to count."""

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "improver.otlp"
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _Field.TYPE_STRING, "bytes": _Field.TYPE_BYTES, "int64": _Field.TYPE_INT64, "bool": _Field.TYPE_BOOL,
    "double": _Field.TYPE_DOUBLE, "fixed64": _Field.TYPE_FIXED64, "fixed32": _Field.TYPE_FIXED32,
    "int32": _Field.TYPE_INT32,
}  # fmt: skip
# Message: name, number and type of each field; "*" repeats it.
_VALUE = (
    ("string_value", 1, "string"), ("bool_value", 2, "bool"), ("int_value", 3, "int64"), ("double_value", 4, "double"),
    ("array_value", 5, "bytes"), ("kvlist_value", 6, "bytes"), ("bytes_value", 7, "bytes"),
)  # fmt: skip
_MESSAGES = {
    "KeyValue": (("key", 1, "string"), ("value", 2, "AnyValue")),
    "Status": (("message", 2, "string"), ("code", 3, "int32")),
    "Span": (
        ("trace_id", 1, "bytes"), ("span_id", 2, "bytes"), ("trace_state", 3, "string"), ("parent_span_id", 4, "bytes"),
        ("name", 5, "string"), ("kind", 6, "int32"), ("start_time_unix_nano", 7, "fixed64"),
        ("end_time_unix_nano", 8, "fixed64"), ("attributes", 9, "*KeyValue"), ("events", 11, "*bytes"),
        ("links", 13, "*bytes"), ("status", 15, "Status"), ("flags", 16, "fixed32"),
    ),
    "ScopeSpans": (("scope", 1, "bytes"), ("spans", 2, "*Span"), ("schema_url", 3, "string")),
    "ResourceSpans": (("resource", 1, "bytes"), ("scope_spans", 2, "*ScopeSpans"), ("schema_url", 3, "string")),
    "Traces": (("resource_spans", 1, "*ResourceSpans"),),
    "LogRecord": (
        ("time_unix_nano", 1, "fixed64"), ("severity_number", 2, "int32"), ("severity_text", 3, "string"),
        ("body", 5, "AnyValue"), ("attributes", 6, "*KeyValue"), ("trace_id", 9, "bytes"), ("span_id", 10, "bytes"),
        ("observed_time_unix_nano", 11, "fixed64"), ("event_name", 12, "string"),
    ),
    "ScopeLogs": (("scope", 1, "bytes"), ("log_records", 2, "*LogRecord"), ("schema_url", 3, "string")),
    "ResourceLogs": (("resource", 1, "bytes"), ("scope_logs", 2, "*ScopeLogs"), ("schema_url", 3, "string")),
    "Logs": (("resource_logs", 1, "*ResourceLogs"),),
    # Of any signal: items are in scopes, and those in blocks.
    "CountedScope": (("items", 2, "*bytes"),),
    "CountedBlock": (("scopes", 2, "*CountedScope"),),
    "Counted": (("blocks", 1, "*CountedBlock"),),
}  # fmt: skip


@cache
def counted() -> Any:
    """The message by which items are counted before they are read."""
    return message_factory.GetMessageClass(file().message_types_by_name["Counted"])


@cache
def file() -> Any:
    """`Traces` and `Logs` in it are requests."""
    made = descriptor_pb2.FileDescriptorProto(name="improver/otlp.proto", package=PACKAGE, syntax="proto3")
    value = made.message_type.add(name="AnyValue")
    value.oneof_decl.add(name="value")
    for name, fields in {"AnyValue": _VALUE, **_MESSAGES}.items():
        message = value if name == "AnyValue" else made.message_type.add(name=name)
        for field in fields:
            _add(message, *field)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(made.SerializeToString())
    return pool.FindFileByName(made.name)


def _add(message: Any, name: str, number: int, kind: str) -> None:
    repeated, kind = kind.startswith("*"), kind.removeprefix("*")
    field = message.field.add(name=name, number=number, label=_Field.LABEL_REPEATED if repeated else 1)
    if kind in _TYPES:
        field.type = _TYPES[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    if message.name == "AnyValue":
        field.oneof_index = 0
