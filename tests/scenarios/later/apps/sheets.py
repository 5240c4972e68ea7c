"""An MCP server of a spreadsheet."""

import re

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("sheets")
runs = iter(("3 failed: totals do not add up in row 4", "1 failed: currency of row 9 is empty", "all checks passed"))
NOTES = {
    "start.md": "How the budget is made: see rules.md for rounding",
    "rules.md": "Rounding is half to even. Exceptions are listed in exceptions.md",
    "exceptions.md": "Travel is rounded up, as decided in minutes-2024.md",
    "minutes-2024.md": "Ann asks for travel to be rounded up. All agree.",
}


@server.tool()
def open_sheet(name: str) -> str:
    return f"{name}: 40 rows, columns month, amount, currency, due"


@server.tool()
def set_cell(cell: str, value: str) -> str:
    return f"{cell} = {value}"


@server.tool()
def set_due(row: int, due: str) -> str:
    if not re.fullmatch(r"\d\d\.\d\d\.\d{4}", due):
        raise ToolError("bad value")
    return f"row {row} is due {due}"


@server.tool()
def export_pdf(name: str) -> str:
    raise ToolError("export_pdf: the renderer is not available")


@server.tool()
def export_html(name: str) -> str:
    return f"/tmp/{name}.html"


@server.tool()
def convert(file: str, to: str) -> str:
    return file.replace("html", to)


@server.tool()
def send(file: str, to: str) -> str:
    return f"{file} was sent to {to}"


@server.tool()
def read_note(name: str) -> str:
    return NOTES[name]


@server.tool()
def run_checks() -> str:
    said = next(runs)
    if "failed" in said:
        raise ToolError(said)
    return said
