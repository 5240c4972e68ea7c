"""An MCP server of a ticket desk."""

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("tickets")
STATUSES = ("st_open", "st_done")
progress = iter(range(0, 101, 20))


@server.tool()
def search_tickets(query: str) -> str:
    return "T-17 Printer on fire; T-18 Printer out of paper; T-21 Printer prints too much"


@server.tool()
def get_ticket(ticket: str) -> str:
    return f"{ticket}: the printer of room {ticket[2:]} is broken, says visitor number {int(ticket[2:]) * 7}"


@server.tool()
def set_status(ticket: str, status: str) -> str:
    if status not in STATUSES:
        raise ToolError("invalid status")
    return f"{ticket} is {status}"


@server.tool()
def write_summary(text: str) -> str:
    return "summary kept"


@server.tool()
def start_export() -> str:
    return "export 9 started"


@server.tool()
def export_status(export: int) -> str:
    return f"export {export}: {next(progress)} %"


@server.tool()
def list_rooms() -> str:
    return "rooms 1 to 40"


locked = ["yes"]


@server.tool()
def merge(ticket: str, into: str) -> str:
    if locked:
        raise ToolError("the ticket is locked by its editor")
    return f"{ticket} is in {into}"


@server.tool()
def close_editor(ticket: str) -> str:
    return "closed"


@server.tool()
def release_lock(ticket: str) -> str:
    locked.clear()
    return "released"


@server.tool()
def write_note(ticket: str, note: str) -> str:
    return "ok"


@server.tool()
def read_note(ticket: str) -> str:
    return f"the note of {ticket}"


@server.tool()
def assign(ticket: str, person: str) -> str:
    return f"{ticket} belongs to {person}"
