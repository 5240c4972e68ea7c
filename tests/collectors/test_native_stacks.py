"""Stacks of compiled code, as sanitizers, debuggers and kernels print them."""

import pytest

from improver.collectors._native_stacks import chain_in, died_of
from tests.logged import events, one

ASAN = """progress
#1 INITED cov: 10 ft: 10
==7==ERROR: AddressSanitizer: attempting double-free on 0x610000022b80 in thread T0:
    #0 0x4f13bb in operator delete(void*)
    #1 0x29f0bb3 in clear third_party/pdf/object.h:23:5
    #2 0x3f (/lib/x86_64/libpthread.so.0+0x1138f)
freed by thread T0 here:
    #0 0x4f13bb in other(void*)
"""
GDB = """Program received signal SIGTRAP, Trace/breakpoint trap.
#0  0x0000000000000ac8 in copy ()
#1  0x000000000000cdc0 in receive (target=0x2022000, max=<optimized out>) at usbdev/protocol.c:362
"""
KERNEL = """Call Trace:
 [<ffffffff92af048c>] keyring_read+0x193/0x193 security/keys/keyring.c:176
 [<ffffffff92aec9ef>] key_gc.constprop.1+0x2a9/0x331 security/keys/gc.c:261
"""
ANDROID = """signal 11 (SIGSEGV), code 1
    #00 pc 0003a1b0  /system/lib/libc.so (abort+12)
    #01 pc 000173c1  /system/lib/libshop.so
"""
UBSAN = """src/a.c:3:5: runtime error: index 7 out of bounds for type 'int [4]'
    #0 0x4a in pay src/a.c:3:5
"""
WINDOWS = """0013e2b4 00fd1400 app!shop::pay+0x1e [c:\\src\\pay.cpp @ 12]
0013e2c0 00fd1500 app!main+0x2"""


@pytest.mark.parametrize(
    ("text", "kind", "innermost_last"),
    [
        (ASAN, "double-free", ["libpthread.so.0+0x1138f", "clear", "operator delete(void*)"]),
        (GDB, "SIGTRAP", ["receive (target=0x2022000, max=<optimized out>)", "copy ()"]),
        (KERNEL, "crash", ["key_gc.constprop.1", "keyring_read"]),
        (ANDROID, "SIGSEGV", ["", "abort"]),
        (UBSAN, "runtime error", ["pay"]),
        (WINDOWS, "crash", ["app!main", "app!shop::pay"]),
    ],
)
def test_the_first_stack_is_read(text, kind, innermost_last):
    (raised,) = chain_in(text)
    assert (raised.type, [frame.function for frame in raised.frames]) == (kind, innermost_last)


def test_places_are_read_where_they_are_told():
    (raised,) = chain_in(ASAN)
    assert (raised.frames[1].filename, raised.frames[1].lineno) == ("third_party/pdf/object.h", 23)
    (raised,) = chain_in(GDB)
    assert (raised.frames[0].filename, raised.frames[0].lineno) == ("usbdev/protocol.c", 362)


def test_ordinary_lines_are_no_stack():
    assert chain_in("all is well\n#1 in the charts\n#2 too\nCheck failed: no") == ()


def test_hostile_text_is_bounded():
    assert len(chain_in("#0 0x1 in f\n" + "#1 0x1 in " + "a" * 5000 + "\n" + "#2 in g(" * 9000)[0].frames) <= 250


SIGNALLED = """Program received signal SIGSEGV, Segmentation fault.
shop::(anonymous namespace)::line_total (l=...) at shop.cc:10
10\tint line_total(const Line& l) { return l.price->amount; }
#0  shop::(anonymous namespace)::line_total (l=...) at shop.cc:10
#1  0x0000555555558a60 in shop::Cart::total (this=0x7fffffffe220) at shop.cc:12
#2  0x0000555555556ae8 in main (argc=3, argv=0x7fffffffe4c8) at main.cc:19
"""


def test_what_a_debugger_prints_is_one_record_with_its_whole_stack():
    _, event, _ = events(f"starting\n{SIGNALLED}done\n")
    assert (event.raised[0].type, len(event.raised[0].frames)) == ("SIGSEGV", 3)
    assert len(events(SIGNALLED * 2)) == 2


def test_what_a_library_says_when_it_ends_a_program_is_what_it_died_of():
    said = "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no price 7\n"
    [raised] = one(said).raised
    assert (raised.type, raised.value) == ("std::runtime_error", "no price 7")
    [raised] = one("shop: src/shop.cc:19: void shop::parse(int): Assertion `n > 0' failed.\n").raised
    assert (raised.value, raised.frames[0].function) == ("n > 0", "void shop::parse(int)")
    assert died_of("the assertion `n > 0' failed") == ()
