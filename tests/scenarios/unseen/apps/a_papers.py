"""A company's papers: uploads, previews and exports on one disk; Flask under sentry-sdk."""

import os
from pathlib import Path

from flask import Flask, jsonify, request
from telemetry import sentry, sentry_flask, serve

sentry()
app = sentry_flask(Flask(__name__))
ROOT = Path(os.environ["SCRATCH"]) / "papers"
ROOT.mkdir(exist_ok=True)


def place_of(name):
    # A disk without room refuses every byte, and so does this device.
    return Path("/dev/full") if os.environ.get("NO_ROOM") else ROOT / name


def keep(name, content):
    with place_of(name).open("wb") as file:
        file.write(content)


def preview(number):
    made = place_of(f"{number}.preview")
    made.write_text(f"page 1 of {number}")
    return f"page 1 of {number}"


def write_table(month):
    with place_of(f"{month}.csv").open("w") as out:
        for number in range(30):
            print(f"{month}-{number % 28 + 1:02};{number * 17}", file=out)
    return f"{month}.csv"


@app.get("/ping")
def ping():
    return "pong"


@app.get("/papers")
def papers():
    return jsonify([f"paper-{number}" for number in range(1, 6)])


@app.post("/papers/<name>")
def upload(name):
    if not request.data:
        return jsonify(error="an empty file"), 400
    keep(name, request.data)
    return jsonify(name=name), 201


@app.get("/papers/<int:number>/preview")
def shown(number):
    return preview(number)


@app.post("/exports/<month>")
def export(month):
    return jsonify(file=write_table(month)), 201


serve(app)
