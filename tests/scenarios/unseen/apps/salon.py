"""Appointments at a hairdresser's: Flask on SQLAlchemy, under OpenTelemetry."""

import os
import random
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from flask import Flask, jsonify, request
from sqlalchemy import text
from telemetry import engine, otel, otel_flask, serve

otel()
app = otel_flask(Flask("salon"))
database = engine(os.environ["SCRATCH"] + "/salon.db")
MAIL_S = float(os.environ.get("MAIL_S", "0.05"))


class MailService(BaseHTTPRequestHandler):
    """Somebody else's, which sends our mails."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(MAIL_S * random.uniform(0.8, 1.3))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *args):
        pass


mails = ThreadingHTTPServer(("127.0.0.1", 0), MailService)
threading.Thread(target=mails.serve_forever, daemon=True).start()
with database.begin() as db:
    db.execute(text("create table if not exists appointments (day text, hour integer, customer text)"))


def confirm(customer, day):
    mail = {"to": f"{customer}@example.org", "template": "confirmation", "day": day}
    requests.post(f"http://127.0.0.1:{mails.server_port}/v3/mail/send", json=mail, timeout=10).raise_for_status()


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/slots")
def slots():
    with database.connect() as db:
        day = request.args.get("day", "2026-12-01")
        taken = {row.hour for row in db.execute(text("select hour from appointments where day = :day"), {"day": day})}
    return jsonify([hour for hour in range(9, 18) if hour not in taken])


@app.post("/appointments")
def book():
    asked = request.json
    try:
        day = date.fromisoformat(asked["day"])
    except ValueError:
        return jsonify(error="day is not a date"), 422
    if day < date(2026, 11, 1):
        return jsonify(error="that day is over"), 422
    with database.begin() as db:
        db.execute(text("insert into appointments values (:day, :hour, :customer)"), asked)
    confirm(asked["customer"], asked["day"])
    return jsonify({}), 201


@app.post("/photos")
def photo():
    """How you would like your hair: as long as the phone's line takes."""
    return jsonify(bytes=len(request.get_data())), 201


serve(app)
