"""What holds up the first sight of a page."""

import pytest

from tests.detectors.told import Page, of_pages


def blocked(ms: float = 1500, fcp: float = 3000, status: str = "blocking", op: str = "resource.css") -> Page:
    page = Page(measurements={"fcp": fcp})
    page.span(op, "https://shop/theme.css", ms, **{"resource.render_blocking_status": status})
    return page


def test_a_style_sheet_that_holds_up_a_slow_page_is_found(tmp_path):
    (found,) = of_pages(tmp_path, blocked(), blocked())
    assert (found.pattern, found.title) == (
        "render_blocking_asset",
        "Holds up the first sight of the page: https://shop/theme.css",
    )


@pytest.mark.parametrize(
    "near_miss",
    [{"ms": 500}, {"fcp": 1900}, {"fcp": 20_000}, {"status": "non-blocking"}, {"op": "resource.img"}, {"ms": 4000}],
)
def test_quick_pages_background_tabs_and_what_does_not_block_are_none(near_miss, tmp_path):
    assert of_pages(tmp_path, blocked(**near_miss), blocked(**near_miss)) == []
