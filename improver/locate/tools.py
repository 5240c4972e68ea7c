"""From the name of an agent's tool to the function that answers its calls."""

import re
from collections.abc import Mapping

from improver.locate import sites
from improver.locate.sites import Site

_NAME = re.compile(r"[A-Za-z][\w.-]{1,79}")


def needles(tool: str) -> tuple[str, ...]:
    return (tool,) if _NAME.fullmatch(tool) else ()


def found(tool: str, texts: Mapping[str, str]) -> tuple[Site, ...]:
    """What is registered as the tool; else what describes it; else the one function of its name."""
    if not needles(tool):
        return ()
    for pattern in (_decorated(tool), _registered(tool), _listed(tool), _defined(tool)):
        if where := tuple(dict.fromkeys(sites.of_pattern(texts, tool, pattern))):
            return where
    return ()


def _decorated(tool: str) -> re.Pattern[str]:
    """`@mcp.tool()` over `def publish(`, `#[tool]` over `fn publish`, `@Tool` over a method: the definition's line."""
    name = re.escape(tool)
    marks = r"(?:@|#\[)(?:[\w.]{0,60}\.)?(?:[tT]ool|function_tool|kernel_function|McpServerTool)\b"
    # It is called as the function is, unless the decorator gives it another name.
    return re.compile(
        rf"{marks}(?:\((?![^)]{{0,300}}\bname\s*=)[^)]{{0,2000}}\))?\]?\s*(?:\n\s*[@#][^\n]{{0,300}}){{0,5}}\n\s*"
        rf"(?:[\w<>\[\],.]{{1,60}}\s+){{1,5}}?(?P<at>{name})\s*[(<]"
    )


def _registered(tool: str) -> re.Pattern[str]:
    """`server.tool("publish", …)`, `@mcp.tool(name="publish")`, `new Tool({ name: "publish" … })`."""
    name = re.escape(tool)
    return re.compile(
        rf"(?:\b(?:[tT]ool|register_?[tT]ool|add_?[tT]ool|AddTool|NewTool|\w{{1,20}}Tool)"
        rf"(?:\.\w{{1,30}})?(?:<[^>\n]{{0,100}}>)?\s*\(\s*(?:\{{\s*)?(?:[Nn]ame\s*[:=]\s*)?)[\"'`]{name}[\"'`]"
    )


def _listed(tool: str) -> re.Pattern[str]:
    """`name: "publish"` beside a description or a schema, as lists of tools have it."""
    name = re.escape(tool)
    beside = r"[\"']?(?:description|inputSchema|input_schema|parameters)[\"']?\s*[:=]"
    return re.compile(rf"[\"']?\bname[\"']?\s*[:=]\s*[\"'`]{name}[\"'`](?=(?:(?!\bname\b)[\s\S]){{0,400}}?{beside})")


def _defined(tool: str) -> re.Pattern[str]:
    name = re.escape(tool)
    return re.compile(rf"\b(?:def|function|func|fn|fun)\s+(?:\([^)\n]{{0,80}}\)\s*)?{name}\s*[(<]")
