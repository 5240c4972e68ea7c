"""A clinic in Flask on sqlite3 under OpenTelemetry's own instrumentations."""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from flask import Flask, jsonify, request
from opentelemetry import context
from telemetry import otel, otel_flask, otel_logs, serve, sqlite

otel()
app = otel_flask(Flask("clinic"), otel_logs())
FILE = os.environ["SCRATCH"] + "/clinic.db"
SLOWER = float(os.environ.get("SLOWER", "1"))
BROKEN = float(os.environ.get("BROKEN", "0"))
TABLES = ("patients", "visits", "wards", "beds", "nurses", "invoices", "alerts", "stock")

setup = sqlite(FILE)
for table in TABLES:
    setup.cursor().execute(f"create table if not exists {table} (id integer, parent integer, name text)")


class Laboratory(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.6 if "/archive" in self.path else 0.06)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


laboratory = ThreadingHTTPServer(("127.0.0.1", 0), Laboratory)
threading.Thread(target=laboratory.serve_forever, daemon=True).start()
LABORATORY = f"http://127.0.0.1:{laboratory.server_port}"


def ask(db, sql, *values):
    return db.cursor().execute(sql, values).fetchall()


@app.get("/patients")
def patients():
    db = sqlite(FILE)
    ask(db, "select id, name from patients")
    for number in range(15):
        ask(db, "select * from visits where parent = ?", number)
    return jsonify([])


@app.get("/wards")
def wards():
    db = sqlite(FILE)
    ask(db, "select id from wards")
    for number in range(7):
        ask(db, "select * from beds where parent = ?", number)
        ask(db, "select * from nurses where parent = ?", number)
    return jsonify([])


@app.get("/overview")
def overview():
    """Four questions that know nothing of each other, each of them long."""
    db = sqlite(FILE)
    for table in ("invoices", "alerts", "stock", "nurses"):
        ask(
            db,
            "with recursive t(n) as (select 1 union all select n + 1 from t where n < 700000)"
            f" select count(*) + (select count(*) from {table}) from t",
        )
    return jsonify([])


@app.get("/history")
def history():
    db = sqlite(FILE)
    ask(
        db,
        "with recursive t(n) as (select 1 union all select n + 1 from t where n < 7000000)"
        " select count(*) from t join visits on visits.id = t.n",
    )
    return jsonify([])


@app.get("/samples")
def samples():
    for number in range(8):
        requests.get(f"{LABORATORY}/samples/{number + 40}", timeout=5)
    return jsonify([])


@app.get("/file")
def file():
    """Three archives are asked one after the other, whose answers do not depend on each other."""
    for place in ("xray", "letters", "blood", "heart"):
        requests.get(f"{LABORATORY}/archive/{place}", timeout=5)
    return jsonify([])


@app.get("/file-at-once")
def file_at_once():
    """The same archives at the same time."""
    here = context.get_current()

    def fetch(place):
        token = context.attach(here)
        requests.get(f"{LABORATORY}/archive/{place}", timeout=5)
        context.detach(token)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fetch, ("xray", "letters", "blood", "heart")))
    return jsonify([])


@app.get("/list")
def listed():
    db = sqlite(FILE)
    offset = (int(request.args.get("page", 1)) - 1) * 20
    return jsonify(ask(db, "select * from patients order by name limit 20 offset ?", offset))


@app.get("/slots")
def slots():
    time.sleep(random.lognormvariate(-2.5, 0.3))
    return jsonify([])


@app.get("/book")
def book():
    time.sleep(random.lognormvariate(-2.5, 0.3) * SLOWER)
    return jsonify([])


@app.post("/cancel")
def cancel():
    if random.random() < BROKEN:
        return jsonify({"error": "the calendar does not answer"}), 503
    return jsonify({})


@app.post("/hook")
def hook():
    return jsonify({})


@app.get("/letters")
def letters():
    def lines():
        for number in range(2000):
            yield f"{number}\n" * 2000

    return app.response_class(lines(), mimetype="text/plain")


@app.post("/save")
def save():
    calendar_of(request.json)
    return jsonify({})


def calendar_of(record):
    app.logger.info("saving a booking")
    try:
        return record["calendar"]["id"]
    except KeyError:
        app.logger.exception("a booking was not saved")
        raise


serve(app)
