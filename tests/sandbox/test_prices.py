import pytest

from improver.config.settings import Price
from improver.sandbox.prices import KNOWN, LONG, cost, price_of
from improver.sandbox.usage import Usage

MINE = {"gpt-*": Price(input=1, output=2), "gpt-5*": Price(input=3, output=4)}


@pytest.mark.parametrize(
    ("model", "dear"),
    [
        ("claude-sonnet-4-5-20250929", 3), ("claude-haiku-4-5", 1), ("gpt-5-mini", 0.25), ("gpt-5", 1.25),
        ("claude-opus-5", 5), ("claude-opus-5-20260724", 5), ("claude-opus-5-5", 4), ("claude-sonnet-5-5", 2),
        ("gpt-5.4", 2.5), ("gpt-5.4-mini", 0.75), ("gpt-5.6-sol", 5), ("gemini-3.1-pro-preview", 2),
    ],
)
def test_well_known_models_have_a_price(model: str, dear: float) -> None:
    found = price_of(model, {})
    assert found and found.input == dear


@pytest.mark.parametrize(
    "model",
    [
        "", "claude-opus-9", "gpt-6", "llama", "gemini-2.5-flash-image", "claude-opus-5-9", "gpt-5.5-pro",
        "gpt-5.3-codex-spark",
    ],
)
def test_other_models_have_none(model: str) -> None:
    assert price_of(model, {}) is None


def test_the_config_wins_and_the_longest_pattern_among_its_own() -> None:
    assert price_of("gpt-5-mini", MINE) == MINE["gpt-5*"]
    assert price_of("gpt-9", MINE) == MINE["gpt-*"]


@pytest.mark.parametrize(
    ("model", "above", "short", "long"),
    [("claude-haiku-5-5", 100_000, 0.1, 0.5), ("gpt-5.5", 272_000, 5, 10), ("gemini-2.5-pro", 200_000, 1.25, 2.5)],
)
def test_a_long_prompt_costs_what_its_vendor_takes_for_one(model: str, above: int, short: float, long: float) -> None:
    at, over = price_of(model, {}, above), price_of(model, {}, above + 1)
    assert at and over and (at.input, over.input) == (short, long)
    assert price_of(model, {"*": Price(input=7, output=7)}, above + 1) == Price(input=7, output=7)


def test_what_a_model_takes_for_long_prompts_is_more_and_of_one_that_is_known() -> None:
    for pattern, (_, dear) in LONG.items():
        assert all(more > less for more, less in zip(dear, KNOWN[pattern], strict=True)), pattern


def test_each_kind_of_token_has_its_price() -> None:
    usage = Usage(input=1_000_000, output=100_000, cache_read=2_000_000, cache_write=1_000_000)
    assert cost(usage, Price(input=3, output=15, cache_read=0.3, cache_write=3.75)) == pytest.approx(8.85)
    assert cost(usage, Price(input=3, output=15)) == pytest.approx(13.5)
