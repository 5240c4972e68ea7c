"""What forms get from those who sell something."""

import pytest

from improver.grouping.advertising import is_advertising


@pytest.mark.parametrize(
    "text",
    [
        "We can bring your shop to the first page of Google, contact us for our SEO prices",
        "Dear webmaster, our team sells backlinks, guaranteed, $20 per month",
        "Make $3000 weekly trading bitcoin, join our Telegram",
        "Get a personal loan today, no credit check: www.quick.example",
        "Free spins! Register at http://spin.example and claim your bonus",
        "I am a web designer and noticed your site is slow. I can redesign it for a low price, contact me",
        "There are errors on your website that cost you traffic, reply for a free audit",
        "Write to us for email marketing: 100k leads for only $49",
        "Viagra and Cialis without prescription, order now",
    ],
)
def test_offers_are_advertising_also_where_they_speak_of_errors(text):
    assert is_advertising(text)


@pytest.mark.parametrize(
    "text",
    [
        "the loan calculator at https://bank.example/loans shows the wrong rate",
        "my casino bonus of 200% was never credited",
        "I cannot buy bitcoin, the order button does nothing",
        "The SEO settings page crashes",
        "I paid $40 for 500 followers statistics and get an error",
        "your website shows a blank page, contact form too",
        "Dear team, the discount for only one item is wrong",
        "visit counter is off, see https://shop.example/stats",
        "we offer courses and cannot upload the price list",
        "get_leads fails for cheap products",
        "Please add a telegram login",
        "Get an error 500 on https://bank.example/loans",
        "Click on rankings: the list is empty, see http://chess.example/rank",
    ],
)
def test_what_users_of_such_software_say_is_none(text):
    assert not is_advertising(text)
