"""An MCP server of a team's calendar."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("diary")
events = {}


@server.tool()
def find_person(name: str) -> str:
    return f"{name.lower()}@team.example, works 9 to 17, Europe/Lisbon"


@server.tool()
def free_slots(person: str, day: str) -> str:
    hour = 9 + (len(person) + int(day[-2:])) % 7
    return f"{person} is free on {day} at {hour}:00"


@server.tool()
def create_event(title: str, start: str, zone: str) -> str:
    """It is written in UTC, whatever zone was asked for."""
    event = f"ev-{len(events) + 1}"
    events[event] = start
    return f"{event} '{title}' starts {start} UTC"


@server.tool()
def move_event(event: str, start: str) -> str:
    events[event] = start
    return f"{event} starts {start} UTC"


@server.tool()
def invite(event: str, people: list[str]) -> str:
    return f"invited {len(people)} to {event}"


@server.tool()
def book_room(event: str, room: str) -> str:
    return f"{room} is booked for {event}"
