"""Who may write over HTTP."""

import pytest

from improver.dashboards.token import refusal


@pytest.mark.parametrize(
    ("token", "shown", "status"),
    [
        ("", "Bearer ", 403),
        ("", "", 403),
        ("secret", "", 401),
        ("secret", "secret", 401),
        ("secret", "Bearer wrong", 401),
        ("secret", "Bearer secret ", 401),
        ("secret", "Bearer \u00fc\ud800".encode("utf-8", "replace").decode(), 401),
    ],
)
def test_a_missing_or_wrong_token_is_refused(token, shown, status):
    refused = refusal(token, shown)
    assert refused.status == status
    assert refused.problem and refused.hint and "secret" not in refused.problem + refused.hint


def test_the_right_token_may_write():
    assert refusal("secret", "Bearer secret") is None
