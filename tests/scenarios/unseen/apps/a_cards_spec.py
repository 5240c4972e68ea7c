"""What a shop's tests say of its cards; a pipeline runs them before every deploy."""

import unittest


class DeclinedError(Exception):
    """The bank says no."""


def charge(amount, card):
    if amount <= 0:
        raise ValueError("amount must be positive")
    if card == "expired":
        raise DeclinedError("card expired")
    return amount


class Cards(unittest.TestCase):
    def test_a_good_card_is_charged(self):
        self.assertEqual(charge(5, "good"), 5)

    def test_error_is_raised_for_an_expired_card(self):
        with self.assertRaises(DeclinedError):
            charge(5, "expired")

    def test_fails_on_a_negative_amount(self):
        self.assertRaises(ValueError, charge, -1, "good")

    def test_exception_names_what_was_wrong(self):
        self.assertRaisesRegex(ValueError, "positive", charge, 0, "good")

    def test_fatal_error_page_is_never_shown_for_a_timeout(self):
        self.assertEqual(charge(1, "good"), 1)

    @unittest.skip("needs the bank's test system, which is unavailable at night")
    def test_connection_refused_by_the_bank_is_tried_again(self):
        self.fail("not here")

    @unittest.expectedFailure
    def test_crash_on_rounding_half_cents(self):
        self.assertEqual(round(0.125, 2), 0.13)
