"""A shop in Flask under sentry-sdk."""

import orders
from flask import Flask, abort, jsonify, request
from telemetry import sentry, sentry_flask, serve

sentry()
app = sentry_flask(Flask("shop"))


@app.get("/orders/<int:number>")
def order(number):
    return jsonify(orders.find_order(number, f"ann{number}@example.org"))


@app.post("/pay")
def pay():
    return jsonify(orders.charge_card(request.json))


@app.post("/vouchers")
def voucher():
    return jsonify(orders.refund_voucher(request.json))


@app.get("/baskets/<int:depth>")
def basket(depth):
    return jsonify(orders.total_of(orders.nested(depth)))


@app.post("/reserve/<item>")
def reserve(item):
    return jsonify(orders.reserve(item))


@app.get("/items/<int:number>")
def item(number):
    if number > 20:
        abort(404)
    return jsonify({"number": number})


@app.get("/account")
def account():
    abort(403)


@app.post("/address")
def address():
    if not request.json.get("street"):
        return jsonify({"error": "a street is needed"}), 422
    return jsonify({})


@app.get("/export")
def export():
    def lines():
        for number in range(1000):
            yield f"{number}\n" * 2000

    return app.response_class(lines(), mimetype="text/plain")


serve(app)
