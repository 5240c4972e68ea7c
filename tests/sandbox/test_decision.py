import json

import pytest

from improver.errors import ImproverError
from improver.sandbox.decision import Upstream, refusal, unfit
from improver.sandbox.wire import Wire

UPSTREAM = Upstream.checked("https://api.example.invalid", {}, ("/v1/",), 9)
MINE = {"x-api-key": "made-up"}


def status(path: str, method: str = "GET", headers: dict[str, str] = MINE) -> int:
    return refusal(method, path, headers, "made-up", UPSTREAM)[0]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens", "/v1/models/gpt-5.2:beta", "/v1/files/"])
def test_plain_paths_below_the_prefix_pass(path: str) -> None:
    assert status(path) == 0


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "*", "/v1", "/v2/messages", "/v1/../admin", "/v1/..", "/v1/./files", "/v1/%2e%2e/admin",
        "//v1/messages", "/v1//x", "/v1/a\\b", "/v1/a\nb", "/v1/a b", "/v1/\u00e9", "/v1/a?b", "/v1/a#b",
        "http://evil.invalid/v1/messages",
    ],
)  # fmt: skip
def test_no_other_path_passes(path: str) -> None:
    assert status(path) == 403


CLAUDES = Upstream.checked("https://api.example.invalid", {}, ("/v1/messages", "/v1/models", "/v1/models/"), 9)


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/messages/", "/v1/messagesx", "/v1/files", "/v1/modelsx"])
def test_a_path_without_a_final_slash_is_exact(path: str) -> None:
    assert refusal("GET", path, MINE, "made-up", CLAUDES)[0] == 403
    assert refusal("GET", "/v1/models/claude", MINE, "made-up", CLAUDES) == (0, "")


def test_a_message_with_tools_of_the_agents_own_passes() -> None:
    tools = [{"name": "Read"}, {"type": "custom"}, {"type": "bash_20250124"}, {"type": "text_editor_20250728"}]
    made = {"model": "m", "messages": [{"content": "mcp_servers"}], "tools": tools}
    assert unfit(json.dumps(made).encode(), Wire.MESSAGES) == ""
    assert unfit(b'{"messages": []}', Wire.MESSAGES) == ""


IMAGE = {"type": "image", "source": {"type": "url", "url": "https://evil.invalid/?d=code"}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"mcp_servers": []}', "'mcp_servers' may not pass"),
        ('{"mcp\\u005fservers": [1]}', "'mcp_servers' may not pass"),
        ('{"container": "c"}', "'container' may not pass"),
        ('{"requests": []}', "'requests' may not pass"),
        ('{"tools": [{"type": "web_fetch_20250910"}]}', "'web_fetch_20250910' would run at the model API"),
        ('{"tools": [{"type": "web_search_20250305"}]}', "would run at the model API"),
        ('{"tools": [{"type": "code_execution_20250522"}]}', "would run at the model API"),
        ('{"tools": [{"type": "bash_20250124x"}]}', "would run at the model API"),
        ('{"tools": [{"type": ["custom"]}]}', "would run at the model API"),
        ('{"tools": {"type": "custom"}}', "no list of tools"),
        ('{"tools": [1], "tools": []}', "a key stands twice"),
        (json.dumps({"messages": [{"content": [{"type": "tool_result", "content": [IMAGE]}]}]}), "would fetch"),
        ("[]", "no JSON object"), ("", "no JSON object"), ("hi", "no JSON object"), ("[" * 200_000, "no JSON object"),
    ],
)  # fmt: skip
def test_a_message_that_makes_the_model_api_reach_out_does_not_pass(body: str, reason: str) -> None:
    assert reason in unfit(body.encode(), Wire.MESSAGES)
    assert unfit(body.encode("utf-16"), Wire.MESSAGES) == "the body is no JSON object"


REMOTE = "https://evil.invalid/?d=code"


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        (Wire.RESPONSES, {"tools": [{"type": "web_search"}]}),
        (Wire.RESPONSES, {"tools": [{"type": "mcp", "server_url": REMOTE}]}),
        (Wire.RESPONSES, {"tools": [{"type": "code_interpreter"}]}),
        (Wire.RESPONSES, {"prompt": {"id": "p"}}),
        (Wire.RESPONSES, {"input": [{"content": [{"type": "input_image", "image_url": REMOTE}]}]}),
        (Wire.RESPONSES, {"input": [{"content": [{"type": "input_file", "file_url": REMOTE}]}]}),
        (Wire.CHAT, {"tools": [{"type": "web_search"}]}),
        (Wire.CHAT, {"web_search_options": {}}),
        (Wire.CHAT, {"messages": [{"content": [{"type": "image_url", "image_url": {"url": REMOTE}}]}]}),
        (Wire.GEMINI, {"tools": [{"googleSearch": {}}]}),
        (Wire.GEMINI, {"tools": [{"functionDeclarations": [], "urlContext": {}}]}),
        (Wire.GEMINI, {"contents": [{"parts": [{"fileData": {"fileUri": REMOTE}}]}]}),
    ],
)  # fmt: skip
def test_nor_does_one_to_any_other_api(wire: Wire, body: dict) -> None:
    assert unfit(json.dumps(body).encode(), wire)


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        (
            Wire.RESPONSES,
            {"tools": [{"type": "function"}, {"type": "custom"}, {"type": "local_shell"}], "store": False},
        ),
        (Wire.RESPONSES, {"input": [{"content": [{"type": "input_image", "image_url": "data:image/png;base64,AA"}]}]}),
        (Wire.RESPONSES, {"input": [{"type": "function_call", "arguments": json.dumps({"url": REMOTE})}]}),
        (Wire.CHAT, {"tools": [{"type": "function", "function": {"parameters": {"source": {"url": REMOTE}}}}]}),
        (Wire.GEMINI, {"tools": [{"functionDeclarations": [{"name": "read"}]}]}),
        (Wire.OTHER, {"anything": [1]}),
    ],
)  # fmt: skip
def test_a_request_with_tools_of_the_agents_own_passes_to_any_api(wire: Wire, body: dict) -> None:
    assert unfit(json.dumps(body).encode(), wire) == ""


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "CONNECT", "OPTIONS"])
def test_methods_that_change_other_things_do_not_pass(method: str) -> None:
    assert status("/v1/messages", method) == 405


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "made-u"}, {"cookie": "made-up"}])
def test_nobody_passes_without_the_key(headers: dict[str, str]) -> None:
    assert status("/v1/messages", headers=headers) == 401


@pytest.mark.parametrize("name", ["x-api-key", "api-key", "x-goog-api-key"])
def test_the_key_may_come_in_any_vendors_header(name: str) -> None:
    assert status("/v1/messages", headers={name: "made-up"}) == 0
    assert status("/v1/messages", headers={"authorization": "Bearer made-up"}) == 0


@pytest.mark.parametrize("origin", ["", "a.invalid", "ftp://a", "https://a/v1", "https://me:pw@a", "https://a?b=c", "https://"])
def test_an_upstream_is_an_origin_and_nothing_more(origin: str) -> None:
    with pytest.raises(ImproverError, match="no origin") as refused:
        Upstream.checked(origin, {}, ("/v1/",), 9)
    assert "pw" not in refused.value.message


def test_a_final_slash_does_no_harm() -> None:
    assert Upstream.checked("https://a.invalid:8443/", {}, ("/v1/",), 9).origin == "https://a.invalid:8443"
