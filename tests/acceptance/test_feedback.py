"""Remarks through the running daemon, by every door there is; and MCP with the real client on both transports."""

import asyncio
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.acceptance.test_daemon import Home, until

TOKEN = "correct horse battery staple"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A daemon whose web listener has a token."""
    folder = tmp_path_factory.mktemp("home")
    made = Home(folder)
    (folder / "token").write_text(TOKEN)
    web = f'[web]\ntoken = "file:{folder / "token"}"\n'
    made.config.write_text(made.config.read_text().replace("[web]\n", web))
    made.start()
    made.run("connect", "shop")
    yield made
    for daemon in made.daemons:
        daemon.kill()
        daemon.wait()


def post(home, body, content_type, **query):
    address = f"http://127.0.0.1:{home.ingest}/feedback?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(address, body, {"content-type": content_type})
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, json.loads(answer.read())


def events(home):
    return home.json("status")["collectors"]["feedback"]["events"]


def one_more(home, before):
    return until(lambda: events(home) == before + 1)


def over_http(home, token, use):
    async def asking():
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"http://127.0.0.1:{home.web}/mcp", http_client=http)
            async with Client(transport) as client:
                return await use(client)

    return asyncio.run(asking())


def over_stdio(home, use):
    arguments = ["-m", "improver", "--config", str(home.config), "mcp"]

    async def asking():
        async with Client(StdioServerParameters(command=sys.executable, args=arguments)) as client:
            return await use(client)

    return asyncio.run(asking())


async def say(client):
    return await client.call_tool("feedback", {"goal": "export", "blocker": "three calls for one", "calls_wasted": 2})


async def look(client):
    names = [tool.name for tool in (await client.list_tools()).tools]
    return names, [await client.call_tool(name, {}) for name in ("status", "findings", "report")]


def test_a_form_and_json_over_http_become_events(home):
    before = events(home)
    form = urllib.parse.urlencode({"blocker": "nothing happens", "goal": "export"}).encode()
    assert post(home, form, "application/x-www-form-urlencoded", key=home.key())[0] == 200
    one_more(home, before)
    assert post(home, json.dumps({"said": "slow"}).encode(), "application/json", key=home.key())[0] == 200
    one_more(home, before + 1)


def test_a_remark_that_says_nothing_and_one_without_a_key_are_refused_and_counted(home):
    status, told = post(home, b'{"goal": "export"}', "application/json", key=home.key())
    assert (status, "suggestion" in told["detail"]) == (400, True)
    assert post(home, b'{"said": "x"}', "application/json")[0] == 401
    assert post(home, b'{"said": "x"}', "application/json", key="0" * 32)[0] == 403

    def reasons():
        home.run("feedback", "so that a batch is written")
        return home.json("status")["collectors"]["feedback"]["reasons"]

    until(lambda: {"no_problem", "missing_key", "unknown_key"} <= set(reasons()))


def test_the_command_line_says_it_to_the_daemon(home):
    before = events(home)
    done = home.run("feedback", "it is slow", "--target", "shop")
    assert (done.returncode, done.stdout.strip()) == (0, "noted: thank you")
    one_more(home, before)


def test_an_agent_over_http_reads_freely_and_writes_with_the_token(home):
    names, answers = over_http(home, "", look)
    assert "feedback" in names
    assert not any(answer.is_error for answer in answers)
    assert answers[0].structured_content["untrusted_data"]["daemon"]["running"] is True
    before = events(home)
    for wrong in ("", "wrong"):
        refused = over_http(home, wrong, say)
        assert refused.is_error and "token" in refused.content[0].text
    noted = over_http(home, TOKEN, say)
    assert not noted.is_error, noted.content
    one_more(home, before)


def test_an_agent_over_stdio_is_the_local_user(home):
    before = events(home)
    _, answers = over_stdio(home, look)
    assert answers[0].structured_content["untrusted_data"]["daemon"]["running"] is True
    assert not over_stdio(home, say).is_error
    one_more(home, before)


def test_a_replay_beside_the_running_daemon_doubles_nothing(home):
    before = until(lambda: (s := home.json("status"))["spool"]["bytes"] == 0 and s)["collectors"]["feedback"]
    for _ in range(2):
        done = home.json("replay", "--since", "1h")
        assert (done["events"], done["quarantined"]) == (before["events"], 0)
    after = home.json("status")["collectors"]["feedback"]
    assert (after["payloads"], after["events"]) == (before["payloads"], before["events"])


def test_a_revoked_key_is_refused_by_the_running_daemon(home):
    old = home.key()
    assert post(home, b'{"said": "x"}', "application/json", key=old)[0] == 200
    row = until(lambda: next((one for one in home.json("keys") if one["last_used"]), None))
    assert home.run("connect", "shop", "--rotate").returncode == 0
    assert post(home, b'{"said": "x"}', "application/json", key=old)[0] == 200
    assert home.run("keys", "revoke", row["id"]).returncode == 0
    assert post(home, b'{"said": "x"}', "application/json", key=old)[0] == 403


def test_the_daemon_stops_in_time_with_agents_around(home):
    over_http(home, "", look)
    daemon = home.daemons[-1]
    daemon.terminate()
    assert daemon.wait(15) == 0
