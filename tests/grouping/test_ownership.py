"""Whose code a frame is, where no client says so."""

import pytest

from improver.grouping import is_in_app
from improver.model import Frame


@pytest.mark.parametrize(
    ("frame", "own"),
    [
        (Frame(filename="/srv/shop/cart.py"), True),
        (Frame(filename="/usr/lib/python3.13/json/decoder.py"), False),
        (Frame(filename="<frozen importlib._bootstrap>"), False),
        (Frame(filename="/srv/app/cart.js"), True),
        (Frame(filename="/srv/app/node_modules/x/y.js", in_app=True), False),
        (Frame(filename="webpack:///./~/react/index.js", in_app=True), False),
        (Frame(filename="chrome-extension://abc/x.js", in_app=True), False),
        (Frame(filename="node:internal/timers"), False),
        (Frame(filename="Cart.java", module="com.shop.Cart"), True),
        (Frame(filename="Thread.java", module="java.lang.Thread"), False),
        (Frame(filename="Cart.kt", module="kotlin.coroutines.Continuation"), False),
        (Frame(filename="/srv/app/main.go", module="main"), True),
        (Frame(filename="server.go", module="net/http"), False),
        (Frame(filename="/root/go/pkg/mod/github.com/lib/pq@v1/conn.go", module="github.com/lib/pq"), False),
        (Frame(filename="/app/models/cart.rb"), True),
        (Frame(filename="/usr/lib/ruby/gems/3.4/gems/rack/handler.rb"), False),
        (Frame(filename="/var/www/cart.php"), True),
        (Frame(filename="/var/www/vendor/slim/App.php"), False),
        (Frame(filename="src/cart.rs", function="shop::pay"), True),
        (Frame(filename="/rustc/abc/library/core/src/option.rs", function="core::option::unwrap_failed"), False),
        (Frame(filename="cart.cc", function="shop::pay"), True),
        (Frame(filename="vector.h", function="std::vector<int>::at"), False),
        (Frame(filename="Cart.cs", module="Shop.Cart"), True),
        (Frame(filename="Task.cs", module="System.Threading.Tasks.Task"), False),
        (Frame(filename="/site-packages/x.py", in_app=True), True),
        (Frame(filename="/srv/shop/cart.py", in_app=False), False),
    ],
    ids=lambda value: f"{value.filename} {value.module}" if isinstance(value, Frame) else "",
)
def test_whose_code_it_is(frame, own):
    assert is_in_app(frame) is own
