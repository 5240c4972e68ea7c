import pytest

from improver.config.settings import Price
from improver.sandbox.prices import cost, price_of
from improver.sandbox.usage import Usage

MINE = {"gpt-*": Price(input=1, output=2), "gpt-5*": Price(input=3, output=4)}


@pytest.mark.parametrize(
    ("model", "dear"),
    [("claude-sonnet-4-5-20250929", 3), ("claude-haiku-4-5", 1), ("gpt-5-mini", 0.25), ("gpt-5", 1.25)],
)
def test_well_known_models_have_a_price(model: str, dear: float) -> None:
    found = price_of(model, {})
    assert found and found.input == dear


@pytest.mark.parametrize("model", ["", "claude-opus-9", "gpt-6", "llama", "gemini-2.5-flash-image"])
def test_other_models_have_none(model: str) -> None:
    assert price_of(model, {}) is None


def test_the_config_wins_and_the_longest_pattern_among_its_own() -> None:
    assert price_of("gpt-5-mini", MINE) == MINE["gpt-5*"]
    assert price_of("gpt-9", MINE) == MINE["gpt-*"]


def test_each_kind_of_token_has_its_price() -> None:
    usage = Usage(input=1_000_000, output=100_000, cache_read=2_000_000, cache_write=1_000_000)
    assert cost(usage, Price(input=3, output=15, cache_read=0.3, cache_write=3.75)) == pytest.approx(8.85)
    assert cost(usage, Price(input=3, output=15)) == pytest.approx(13.5)
