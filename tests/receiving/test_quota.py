"""Quotas: each sender has its own, and a new minute begins anew."""

from improver.receiving.quota import Quota
from tests.world import Clock


def test_a_sender_that_uses_up_its_minute_waits_for_the_next_and_others_do_not():
    clock = Clock()
    quota = Quota(2, clock)
    assert [quota.takes("a") for _ in range(4)] == [True, True, False, False]
    assert quota.takes("b")
    clock.advance(seconds=59)
    assert not quota.takes("a")
    clock.advance(seconds=1)
    assert [quota.takes("a") for _ in range(3)] == [True, True, False]


def test_what_comes_without_a_key_shares_one_quota():
    quota = Quota(1, Clock())
    assert [quota.takes(""), quota.takes("")] == [True, False]
