"""The members' area of a sports club: Flask under sentry-sdk."""

from a_renewal import JOINED, next_renewal
from flask import Flask, jsonify, request
from telemetry import sentry, sentry_flask, serve

sentry()
app = sentry_flask(Flask(__name__))


@app.get("/up")
def up():
    return "ok"


@app.get("/classes")
def classes():
    return jsonify(["yoga", "rowing", "boxing"])


@app.post("/classes/<name>/places")
def book(name):
    if "day" not in request.get_json():
        return jsonify(error="Which day?"), 422
    return jsonify(place=7), 201


@app.get("/members/<int:number>")
def member(number):
    if number not in JOINED:
        return jsonify(error="no such member"), 404
    return jsonify(joined=JOINED[number].isoformat(), renews=next_renewal(JOINED[number], 2027).isoformat())


serve(app)
