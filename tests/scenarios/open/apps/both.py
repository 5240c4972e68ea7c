"""A Flask app that reports to Sentry, to OpenTelemetry and to a log file, as apps do in the middle of a move."""

import logging
import os

from flask import Flask, jsonify, request
from telemetry import otel, otel_flask, sentry, serve

sentry()
otel()
app = otel_flask(Flask("both"))
logging.basicConfig(
    filename=os.environ["SCRATCH"] + "/both.log", format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
)


@app.post("/ship")
def ship():
    return jsonify(weight_of(request.json))


def weight_of(parcel):
    return parcel["weight"] / parcel["boxes"]


serve(app)
