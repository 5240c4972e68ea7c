"""Orders of a shop, with the mistakes that such code has."""

import uuid


class OrderMissing(Exception):
    pass


def find_order(number, email):
    raise OrderMissing(
        f"order {number} of {email} is not in /var/shop/{uuid.uuid4()}/orders.db (took {number * 0.37:.2f} s)"
    )


def charge_card(order):
    raise RuntimeError("payment failed")


def refund_voucher(order):
    raise RuntimeError("payment failed")


def total_of(tree):
    """The price of a basket in baskets."""
    if "children" in tree:
        return sum(total_of(child) for child in tree["children"])
    return tree["price"] * tree["count"]


def nested(depth):
    return {"children": [nested(depth - 1)]} if depth else {"count": 2}


def stock_of(item):
    return {"tea": 3}[item]


def reserve(item):
    try:
        return stock_of(item)
    except KeyError as error:
        raise LookupError(f"cannot reserve {item}") from error
