"""An MCP server of a deployment tool whose first deployment of a run always fails on an old cache."""

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("deploys")
state = {"cache": "old", "worker": "stale", "text": "a", "tries": 0, "done": 0}


@server.tool()
def read_config(name: str) -> str:
    return f"{name} = {state.get(name, 'default ' + name)}"


@server.tool()
def write_config(name: str, value: str) -> str:
    state[name] = value
    return "ok"


@server.tool()
def deploy(service: str) -> str:
    if state["cache"] == "old" or state["worker"] == "stale":
        raise ToolError("deployment failed: digest mismatch")
    return f"{service} deployed"


@server.tool()
def clear_cache() -> str:
    state["cache"] = "new"
    return "cleared"


@server.tool()
def restart_worker() -> str:
    state["worker"] = "fresh"
    return "restarted"


@server.tool()
def list_logs(cursor: int) -> str:
    return f"lines {cursor * 50} to {cursor * 50 + 49}; next cursor {cursor + 1}"


@server.tool()
def find_service(name: str) -> str:
    return "billing (id 4), billing-worker (id 9)"


@server.tool()
def fetch_metrics(service: str) -> str:
    state["tries"] += 1
    if state["tries"] == 1:
        raise ToolError("timed out")
    return f"cpu 20 %, memory {300 + state['tries']} MB"


@server.tool()
def rollout_status(rollout: int) -> str:
    state["done"] += 1
    return f"{state['done']} of 5 machines"


@server.tool()
def move_card(card: str, column: str) -> str:
    return f"{card} is in {column}"


@server.tool()
def notify(person: str, text: str) -> str:
    return f"told {person}"


@server.tool()
def report(text: str) -> str:
    return "kept"


@server.tool()
def owner_of(service: str) -> str:
    return f"{service} belongs to {service[::-1]}@example.org"
