"""A shop that sells gift cards: Flask under sentry-sdk, with a log of requests in JSON lines."""

import json
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, g, jsonify, request
from telemetry import sentry, sentry_flask, serve

sentry()
app = sentry_flask(Flask("giftshop"))
log = Path(os.environ["SCRATCH"], "giftshop.log").open("a", buffering=1)  # noqa: SIM115
CARDS = {"GIFT-10": {"balance": 10}, "GIFT-25": {"balance": 25}, "GIFT-50": {"issued": "2024"}}


@app.before_request
def begin():
    g.began = time.monotonic()


@app.after_request
def tell(response):
    if request.path.startswith("/-/"):
        return response
    level = "error" if response.status_code >= 500 else "info"
    line = {
        "ts": datetime.now(UTC).isoformat(), "level": level, "msg": "request", "method": request.method,
        "path": request.path, "status": response.status_code,
        "ms": round(1000 * (time.monotonic() - g.began), 1),
    }  # fmt: skip
    print(json.dumps(line), file=log)
    return response


@app.get("/gifts")
def gifts():
    time.sleep(random.uniform(0.01, 0.02))
    return jsonify(["mug", "tea", "chocolate"])


def balance_of(card):
    """Cards of 2024 were issued before balances were kept."""
    return CARDS[card]["balance"]


@app.post("/cart/redeem")
def redeem():
    card = request.json["card"]
    if card not in CARDS:
        return jsonify(error="we do not know this card"), 404
    return jsonify(off=balance_of(card))


@app.post("/orders")
def order():
    time.sleep(random.uniform(0.02, 0.03))
    return jsonify({}), 201


serve(app)
