"""Panics as Rust prints them, with and without a backtrace."""

import time

import pytest

from improver.collectors._rust_stacks import chain_in
from tests.logged import events, one

SHORT = """
thread 'main' (4711) panicked at src/cart.rs:6:43:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa/library/core/src/panicking.rs:80:14
   2: core::option::unwrap_failed
             at /rustc/59807616e1fa/library/core/src/option.rs:2236:5
   3: shop::cart::Cart::total::{{closure}}
             at ./src/cart.rs:6:43
   4: shop::main
             at ./src/main.rs:36:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
FULL = """thread 'worker-3' panicked at src/cart.rs:6:43:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0:     0x555de1340d4a - std[e28293b1aa0f68bd]::backtrace_rs::backtrace::libunwind::trace
                               at /rustc/59807616e1fa/library/std/src/../../backtrace/src/backtrace/libunwind.rs:117:9
  14:     0x555de132aafd - __rustc[b7974e8690430dd9]::rust_begin_unwind
                               at /rustc/59807616e1fa/library/std/src/panicking.rs:689:5
  15:     0x555de1353d4c - core[c1f1a4ba060b9bfa]::panicking::panic_fmt
  20:     0x555de1311e82 - shop::cart::Cart::total::{{closure}}::h134a0860af2340e9
                               at /home/ci/shop/src/cart.rs:9:43
  21:     0x555de1311e90 - shop::main::h403f343f4d2dc972
                               at /home/ci/shop/src/main.rs:36:5
  22:     0x555de1311c36 - std::sys::backtrace::__rust_begin_short_backtrace::ha7dcf80b031f0dd7
                               at /rustc/59807616e1fa/library/std/src/sys/backtrace.rs:166:18
  33:     0x555de1310fbc - main
  34:     0x7f72aa5f824a - __libc_start_call_main
                               at ./csu/../sysdeps/nptl/libc_start_call_main.h:58:16
"""
BARE = """thread 'main' panicked at src/cart.rs:6:43:
no price for 7
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""


@pytest.mark.parametrize("printed", [SHORT, FULL, f"2026-11-21T10:30:15Z ERROR shop: {FULL[18:]}"])
def test_only_what_led_to_a_panic_counts_and_none_of_the_runtime(printed):
    event = one(printed)
    [raised] = event.raised
    assert (event.platform, raised.type, raised.synthetic) == ("rust", "panic", True)
    assert raised.value == "called `Option::unwrap()` on a `None` value"
    names = [frame.function.partition("::h")[0] for frame in raised.frames]
    assert names == ["shop::main", "shop::cart::Cart::total::{{closure}}"]


def test_without_a_backtrace_the_file_and_what_was_said_are_known():
    [raised] = one(BARE).raised
    assert (raised.value, [(frame.filename, frame.function) for frame in raised.frames]) == (
        "no price for 7", [("src/cart.rs", "")])  # fmt: skip


def test_the_way_in_which_panics_were_told_before_is_read():
    [raised] = chain_in("thread 'main' panicked at 'no price', src/cart.rs:6:43\nnote: run with `RUST_BACKTRACE=1`")
    assert (raised.value, raised.frames[0].filename) == ("no price", "src/cart.rs")


def test_an_error_that_main_returned_has_what_it_said():
    backtrace = SHORT.partition("stack backtrace:")[2]
    [raised] = chain_in(f"Error: no price\n\nCaused by:\n    refused\n\nStack backtrace:{backtrace}")
    assert (raised.type, raised.value, raised.frames[-1].lineno) == ("Error", "no price", 6)


def test_each_panic_is_one():
    assert len(events(SHORT + BARE + FULL)) == 3


@pytest.mark.parametrize("other", ["", "he panicked at 12:30", "  0: first\n  1: second", "   at a (b.js:1:2)"])
def test_other_texts_are_not_rusts(other):
    assert chain_in(other) == ()


@pytest.mark.parametrize("said", ["panicked at '" * 20_000, "panicked at a:1:1:\n" * 900, "panicked at '', a:" * 9000])
def test_nothing_that_is_said_takes_long(said):
    begun = time.process_time()
    events(f"{said}\nstack backtrace:\n")
    assert time.process_time() - begun < 2
