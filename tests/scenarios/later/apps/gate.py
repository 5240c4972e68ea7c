"""The gate of a depot in Flask under OpenTelemetry."""

import os
import threading
import time

from flask import Flask, jsonify, request
from opentelemetry.trace import SpanKind
from telemetry import otel, otel_flask, serve

tracer = otel()
app = otel_flask(Flask("gate"))
ready_after = int(os.environ.get("READY_AFTER", "0"))
probes = []
exports = {}


@app.get("/readyz")
def readyz():
    """Until its caches are full, it wants no traffic."""
    probes.append(1)
    return ("ready", 200) if len(probes) > ready_after else ("warming up", 503)


@app.get("/lanes")
def lanes():
    time.sleep(0.02)
    return jsonify([1, 2])


@app.post("/arrivals")
def arrivals():
    if not request.is_json or "plate" not in (request.get_json(silent=True) or {}):
        return jsonify({"error": "a plate is needed"}), 400
    return jsonify({})


@app.post("/barrier")
def barrier():
    return jsonify(raise_barrier(request.json["lane"]))


def raise_barrier(lane):
    raise TimeoutError("upstream timed out")


@app.post("/exports")
def export():
    """Nobody waits for it: 202, and a look at how far it is."""
    number = len(exports) + 1
    exports[number] = "running"
    threading.Thread(target=process, args=(number,)).start()
    return jsonify({"export": number}), 202


def process(number):
    with tracer.start_as_current_span("exports process", kind=SpanKind.CONSUMER):
        time.sleep(6)
    exports[number] = "done"


@app.get("/exports/<int:number>")
def exported(number):
    return jsonify({"state": exports[number]})


serve(app)
