"""A tool's name leads to what answers its calls, in every SDK's way of registering one."""

import pytest

from improver.locate import tools
from improver.locate.sites import Site

DECORATED = "@server.tool()\n@logged\nasync def publish(page: str) -> str:\n    return page\n\n\ndef publisher(): ...\n"
NAMED = 'x = 1\n@mcp.tool(name="publish", description="…")\ndef do_publish(page):\n    pass\n'
CALLED = "server.registerTool(\n  'publish',\n  { description: 'x' },\n  async ({ page }) => {}\n)\n"
SHORT = "server.tool(\"publish\", { page: z.string() }, publishPage)\n"
LISTED = 'TOOLS = [\n    {"name": "publish", "description": "…", "input_schema": {}},\n]\n'
GO = 'tool := mcp.NewTool("publish",\n\tmcp.WithDescription("…"))\n'
PLAIN = "def publish(page):\n    return page\n"
JAVA = '@Tool(description = "…")\npublic String publish(String page) {\n    return page;\n}\n'
RUST = '#[tool(description = "…")]\nasync fn publish(&self) -> String {\n    x\n}\n'


@pytest.mark.parametrize(
    ("source", "line"),
    [(DECORATED, 3), (NAMED, 2), (CALLED, 1), (SHORT, 1), (LISTED, 2), (GO, 1), (PLAIN, 1), (JAVA, 2), (RUST, 2)],
)
def test_a_tool_is_found_however_it_is_registered(source, line):
    assert tools.found("publish", {"a": source}) == (Site(file="a", line=line),)


@pytest.mark.parametrize(
    "source", ["publish(page)\n", 'name = "publish"\n', "def publisher(): pass\n", "# publish\n", ""]
)
def test_who_only_speaks_of_a_tool_is_not_it(source):
    assert tools.found("publish", {"a": source}) == ()


def test_what_is_registered_goes_before_a_function_that_is_only_called_so():
    assert tools.found("publish", {"a": PLAIN, "b": SHORT}) == (Site(file="b", line=1),)


def test_two_functions_of_one_name_are_two_places():
    assert len(tools.found("publish", {"a": PLAIN, "b": PLAIN})) == 2


@pytest.mark.parametrize("tool", ["", "x y", "a`b", "../etc", "(", "a" * 500])
def test_what_is_no_name_is_looked_for_nowhere(tool):
    assert tools.needles(tool) == ()
    assert tools.found(tool, {"a": PLAIN}) == ()
