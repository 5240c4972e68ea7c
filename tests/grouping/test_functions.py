"""What is kept of a function's name, language by language."""

import pytest

from improver.grouping.functions import trimmed

H = "0123456789abcdef"


@pytest.mark.parametrize(
    ("family", "name", "kept"),
    [
        ("python", "<lambda>", ""), ("python", "f.<locals>.g", "g"), ("python", "Cart.pay", "pay"),
        ("python", "<module>", "<module>"),
        ("javascript", "Object.<anonymous>", ""), ("javascript", "Object.?", ""), ("javascript", "new Cart", "Cart"),
        ("javascript", "async Cart.pay", "pay"), ("javascript", "Layer.handle [as handle_request]", "handle"),
        ("javascript", "Cart.prototype.pay/<", "pay"), ("javascript", "pay$argument_0", "pay"),
        ("javascript", "../node_modules/x/y.js", ""), ("javascript", "eval code", ""),
        ("jvm", "lambda$pay$0", "pay"), ("jvm", "access$000", "access"), ("jvm", "<init>", "<init>"),
        ("go", "(*Server).pay.func1.2", "(*Server).pay"), ("go", "Map[...].func3", "Map"), ("go", "run-fm", "run"),
        ("ruby", "block (2 levels) in pay", "pay"), ("ruby", "Cart#pay", "pay"),
        ("ruby", "rescue in block in pay", "pay"),
        ("php", "Shop\\Cart->pay", "Cart::pay"), ("php", "{closure}", ""),
        ("php", "class@anonymous\0/srv/a.php:3$0::run", "class@anonymous::run"),
        ("rust", f"shop::cart::pay::h{H}", "shop::cart::pay"), ("rust", "shop::pay::{{closure}}", "shop::pay"),
        ("dotnet", "<PayAsync>d__12.MoveNext", "PayAsync"), ("dotnet", "Pay(Int32 id)", "Pay"),
        ("dotnet", "<>c__DisplayClass3_0.<Pay>b__0", "Pay"),
        ("native", "int shop::Cart<std::vector<int> >::pay(char const*) const", "shop::Cart::pay"),
        ("native", "(anonymous namespace)::pay(int)", "pay"), ("native", "pay.constprop.0", "pay"),
        ("native", "Cart::operator()(int) const", "Cart::operator()"),
        ("native", "a::operator<<(b&, c)", "a::operator<<"),
        ("native", "shop.exe!Cart::pay", "Cart::pay"), ("native", "-[Cart pay:]", "-[Cart pay:]"),
        ("native", "__22-[Cart pay:]_block_invoke.12", "-[Cart pay:]"), ("native", "memcpy@@GLIBC_2.14", "memcpy"),
        ("", f"pay::h{H}", "pay"), ("", "??", ""),
    ],
)  # fmt: skip
def test_only_the_lasting_name_is_kept(family, name, kept):
    assert trimmed(name, family) == kept
