import pytest

from improver.errors import ImproverError
from improver.sandbox.decision import Upstream, refusal

UPSTREAM = Upstream.checked("https://api.example.invalid", {}, ("/v1/",))
MINE = {"x-api-key": "made-up"}


def status(path: str, method: str = "GET", headers: dict[str, str] = MINE) -> int:
    return refusal(method, path, headers, "made-up", UPSTREAM)[0]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens", "/v1/models/gpt-5.2:beta", "/v1/files/"])
def test_plain_paths_below_the_prefix_pass(path: str) -> None:
    assert status(path) == 0


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "*", "/v1", "/v2/messages", "/v1/../admin", "/v1/..", "/v1/%2e%2e/admin", "//v1/messages", "/v1//x",
        "/v1/a\\b", "/v1/a\nb", "/v1/a b", "/v1/\u00e9", "/v1/a?b", "/v1/a#b", "http://evil.invalid/v1/messages",
    ],
)  # fmt: skip
def test_no_other_path_passes(path: str) -> None:
    assert status(path) == 403


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
        Upstream.checked(origin, {}, ("/v1/",))
    assert "pw" not in refused.value.message


def test_a_final_slash_does_no_harm() -> None:
    assert Upstream.checked("https://a.invalid:8443/", {}, ("/v1/",)).origin == "https://a.invalid:8443"
