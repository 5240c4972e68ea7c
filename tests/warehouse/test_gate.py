"""Many inside, or one alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from improver.errors import ImproverError
from improver.warehouse.gate import Gate


def test_who_wants_to_be_alone_waits_until_the_others_are_out():
    gate, inside, out = Gate(), threading.Event(), threading.Event()
    order = []

    def read():
        with gate.shared():
            inside.set()
            out.wait(30)
            order.append("read")

    def exchange():
        with gate.alone():
            order.append("alone")

    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        inside.wait(30)
        exchanging = pool.submit(exchange)
        out.set()
        reading.result(30)
        exchanging.result(30)
    assert order == ["read", "alone"]


def test_who_is_inside_may_enter_again_even_if_somebody_waits_to_be_alone():
    gate = Gate()
    with ThreadPoolExecutor() as pool, gate.shared():
        waiting = pool.submit(lambda: gate.alone(patience_s=0.2).__enter__())
        with gate.shared():
            with pytest.raises(ImproverError) as refusal:
                waiting.result(30)
            assert refusal.value.retryable
    with gate.alone(), gate.shared(), gate.alone():
        pass
    with gate.shared():
        pass


def test_nobody_enters_while_one_is_alone():
    gate = Gate()
    entered = threading.Event()

    def read():
        with gate.shared():
            entered.set()

    with ThreadPoolExecutor() as pool:
        with gate.alone():
            reading = pool.submit(read)
            assert not entered.wait(0.05)
        reading.result(30)
    assert entered.is_set()
