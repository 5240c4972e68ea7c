"""An MCP server of a course library: saving a lesson drops its captions, and lessons are shared one at a time."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("library")
CAPTIONS = {f"lesson-{n}": f"captions {n}" for n in range(1, 6)}


@server.tool()
def list_lessons() -> str:
    return ", ".join(CAPTIONS)


@server.tool()
def save_lesson(lesson: str, text: str) -> str:
    CAPTIONS[lesson] = ""
    return f"{lesson} saved"


@server.tool()
def get_captions(lesson: str) -> str:
    return f"captions of {lesson}: {CAPTIONS[lesson] or 'none'}"


@server.tool()
def set_captions(lesson: str, captions: str) -> str:
    CAPTIONS[lesson] = captions
    return f"{lesson} has captions"


@server.tool()
def share(lesson: str) -> str:
    return f"{lesson} is shared"
