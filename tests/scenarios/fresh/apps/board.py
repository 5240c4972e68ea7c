"""An MCP server of a help desk's tickets, which are protected by a version."""

import itertools

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("board")
versions = {}
asked = itertools.count(1)
TITLES = ("Printer on floor 3", "VPN drops", "New laptop", "Badge does not open", "Mailbox is full", "Beamer flickers")


@server.tool()
def search_tickets(query: str, cursor: str = "") -> str:
    """Three at a time; `cursor` is what the page before ended with."""
    first = int(cursor.removeprefix("c-") or 0)
    lines = [f"T-{410 + n}: {title}" for n, title in enumerate(TITLES)][first : first + 3]
    return "\n".join([*lines, f"next cursor: c-{first + 3}" if first + 3 < len(TITLES) else "end of results"])


@server.tool()
def get_ticket(ticket: str) -> str:
    # A lock that is taken by whoever looks: what was read is out of date at once, the first time.
    versions.setdefault(ticket, 3)
    return f"{ticket}: {TITLES[int(ticket[2:]) % len(TITLES)]}, open, assigned to nobody, version {versions[ticket]}"


@server.tool()
def update_ticket(ticket: str, version: int, status: str) -> str:
    current = versions.setdefault(ticket, 3)
    if (ticket, "written") not in versions:
        versions[ticket, "written"] = True
        versions[ticket] = current + 1
        raise ToolError(f"409: {ticket} was changed since version {version}, read it again")
    return f"{ticket} is {status}"


@server.tool()
def add_comment(ticket: str, text: str) -> str:
    return f"comment added to {ticket}"


@server.tool()
def read_knowledge(article: str) -> str:
    return f"{article}: turn it off, wait ten seconds, turn it on"


@server.tool()
def list_assets(department: str) -> str:
    """Other people's inventory: it lets us ask once in ten seconds."""
    if next(asked) == 2:
        raise ToolError("429 Too Many Requests: retry after 10 s")
    return f"{department}: 14 laptops, 2 printers"


@server.tool()
def send_reply(ticket: str, text: str) -> str:
    return "sent"
