"""A scripted operator at a real MCP server: its calls are real, its thinking is a pause in its own clock."""

import asyncio
import importlib.util
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mcp import Client
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import StatusCode

from tests.scenarios import keys
from tests.scenarios.stage import HERE, Stage

MODEL = "claude-opus-5-5"
AN_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class Call:
    tool: str
    arguments: dict[str, Any]
    result: str
    failed: bool
    began: float
    ended: float
    id: str = field(default_factory=lambda: f"toolu_{uuid.uuid4().hex}")


@dataclass
class Operator:
    """`call` is what an operator does; between calls its model thinks a few seconds."""

    client: Client
    server: str
    dice: random.Random
    now: float
    calls: list[Call] = field(default_factory=list)

    async def call(self, tool: str, think: tuple[float, float] = (3, 7), **arguments: Any) -> str:
        self.now += self.dice.uniform(*think)
        began = time.monotonic()
        answer = await self.client.call_tool(tool, arguments)
        took = time.monotonic() - began + self.dice.uniform(0.1, 0.4)
        text = "\n".join(getattr(part, "text", "") for part in answer.content)
        self.calls.append(
            Call(
                tool=f"mcp__{self.server}__{tool}", arguments=arguments, result=text, failed=bool(answer.is_error),
                began=self.now, ended=self.now + took,
            )
        )  # fmt: skip
        self.now += took
        return text


Script = Callable[[Operator], Awaitable[None]]
Keep = Callable[[Stage, Operator, str], None]


def work(stage: Stage, take: str, script: Script, keep: Keep, server: str, runs: int = 3) -> None:
    """Some sessions of the same work, each at a server of its own, as a round each."""
    for number in range(1, runs + 1):
        with stage.round(take):
            dice = random.Random(f"{take} {number}")
            # In the past, so that nothing of it is ahead of the receiver's clock.
            operator = asyncio.run(_session(stage, script, server, dice))
            keep(stage, operator, f"visitor-{number}")


async def _session(stage: Stage, script: Script, server: str, dice: random.Random) -> Operator:
    async with Client(_server(stage, server)) as client:
        operator = Operator(client=client, server=server, dice=dice, now=time.time() - AN_HOUR_S)
        await script(operator)
        return operator


def _server(stage: Stage, name: str) -> Any:
    """A fresh server: its module is run anew."""
    spec = importlib.util.spec_from_file_location(name, HERE / stage.part / "apps" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.server


def as_transcript(stage: Stage, operator: Operator, user: str) -> None:
    """In the words of Claude Code, line by line, like tests/fixtures/transcripts."""
    session, lines, parent = str(uuid.uuid4()), [], None
    for call in operator.calls:
        common = {
            "isSidechain": False, "cwd": "/srv/site", "sessionId": session, "version": "2.1.329",
            "userType": "external",
        }  # fmt: skip
        asked = {
            "parentUuid": parent, "type": "assistant", "uuid": str(uuid.uuid4()), "timestamp": _iso(call.began),
            "message": {
                "id": f"msg_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "model": MODEL,
                "content": [{"type": "tool_use", "id": call.id, "name": call.tool, "input": call.arguments}],
                "stop_reason": "tool_use", "usage": {"input_tokens": 2400 + 90 * len(lines), "output_tokens": 80},
            }, **common,
        }  # fmt: skip
        answered = {
            "parentUuid": asked["uuid"], "type": "user", "uuid": str(uuid.uuid4()), "timestamp": _iso(call.ended),
            "message": {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": call.result}],
                 **({"is_error": True} if call.failed else {})},
            ]}, **common,
        }  # fmt: skip
        parent = answered["uuid"]
        lines += [json.dumps(asked), json.dumps(answered)]
    stage.file("agent_sessions", f"{session}.jsonl", "\n".join(lines) + "\n", at=operator.now)


def as_spans(stage: Stage, operator: Operator, user: str) -> None:
    """OpenTelemetry's GenAI conventions: one trace for the run, a span for each tool that was executed."""
    about_us = {"service.name": "operator", "service.version": "1.0.0", "deployment.environment.name": "production"}
    provider = TracerProvider(resource=Resource(about_us))
    exporter = OTLPSpanExporter(f"{stage.url}/v1/traces", headers={"x-improver-key": keys.SERVER})
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer, conversation = provider.get_tracer("operator"), str(uuid.uuid4())
    about = {"gen_ai.agent.name": "operator", "gen_ai.conversation.id": conversation, "user.id": user}
    root = tracer.start_as_current_span(
        "invoke_agent operator", start_time=_ns(operator.calls[0].began),
        attributes={"gen_ai.operation.name": "invoke_agent", **about}, end_on_exit=False,
    )  # fmt: skip
    with root as run:
        for call in operator.calls:
            tool = call.tool.rpartition("__")[2]
            span = tracer.start_span(
                f"execute_tool {tool}", start_time=_ns(call.began),
                attributes={
                    "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool, "gen_ai.tool.call.id": call.id,
                    "mcp.method.name": "tools/call", "gen_ai.tool.call.arguments": json.dumps(call.arguments),
                    "gen_ai.tool.call.result": call.result, **about,
                },
            )  # fmt: skip
            if call.failed:
                span.set_attribute("error.type", "tool_error")
                span.set_status(StatusCode.ERROR, call.result[:200])
            span.end(_ns(call.ended))
    run.end(_ns(operator.now))
    provider.shutdown()


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ns(at: float) -> int:
    return round(at * 1e9)
