"""An MCP server of a newsletter tool."""

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("mailings")
session = {"left": 0}
texts = {}


def spend():
    """A session is good for three calls."""
    if session["left"] == 0:
        raise ToolError("401: the session has expired, sign in again")
    session["left"] -= 1


@server.tool()
def sign_in() -> str:
    session["left"] = 3
    return "signed in as operator"


@server.tool()
def campaign_stats(campaign: str) -> str:
    spend()
    return f"{campaign}: 12,408 sent, 4,120 opened, 388 clicked"


@server.tool()
def audience_growth(audience: str) -> str:
    spend()
    return f"{audience}: 211 came, 40 left"


@server.tool()
def bounce_report(month: str) -> str:
    spend()
    return f"{month}: 0.4 % hard, 1.1 % soft"


@server.tool()
def top_links(campaign: str) -> str:
    spend()
    return f"{campaign}: /sale 210, /new 98"


@server.tool()
def best_hour(audience: str) -> str:
    spend()
    return f"{audience}: Thursday at 9"


@server.tool()
def spam_score(campaign: str) -> str:
    spend()
    return f"{campaign}: 1.2 of 10"


@server.tool()
def write_report(text: str) -> str:
    return "report r-88 was saved"


@server.tool()
def create_campaign(subject: str, audience: str) -> str:
    texts["cp-9"] = subject
    return f"cp-9 '{subject}' for {audience}, a draft"


@server.tool()
def set_text(campaign: str, text: str) -> str:
    texts[campaign] = text
    return f"the text of {campaign} has {len(text.split())} words"


@server.tool()
def preview(campaign: str) -> str:
    return f"<h1>{texts[campaign]}</h1><p>Unsubscribe</p>"


@server.tool()
def count_recipients(campaign: str) -> str:
    return "12,431 people, 17 of them have unsubscribed and are left out"


@server.tool()
def send_test(campaign: str, to: str) -> str:
    return f"a test of {campaign} went to {to}"


@server.tool()
def send_campaign(campaign: str) -> str:
    """To everybody, and it cannot be taken back."""
    return f"{campaign} is on its way"
