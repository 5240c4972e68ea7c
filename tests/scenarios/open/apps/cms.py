"""An MCP server of a small site builder: editing a page clears its theme, and nothing can be done to many at once."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("cms")
PAGES = {
    f"page-{n}": {"title": f"Page {n}", "text": f"Text {n}", "theme": "autumn", "live": False} for n in range(1, 9)
}


@server.tool()
def list_pages() -> str:
    return ", ".join(PAGES)


@server.tool()
def get_page(page: str) -> str:
    return f"{PAGES[page]['title']}: {PAGES[page]['text']}"


@server.tool()
def edit_page(page: str, text: str) -> str:
    PAGES[page] |= {"text": text, "theme": ""}
    return f"{page} saved"


@server.tool()
def get_theme(page: str) -> str:
    return f"theme of {page}: {PAGES[page]['theme'] or 'none'}"


@server.tool()
def set_theme(page: str, theme: str) -> str:
    PAGES[page]["theme"] = theme
    return f"{page} has the theme {theme}"


@server.tool()
def publish(page: str) -> str:
    PAGES[page]["live"] = True
    return f"{page} is live"


@server.tool()
def browser_navigate(url: str) -> str:
    return f"opened {url}"


@server.tool()
def browser_snapshot() -> str:
    return "a page with a heading, a picture and three paragraphs"
