"""The clinic's older part: Flask and SQLAlchemy under sentry-sdk."""

import os

import forms
from flask import Flask, jsonify, render_template_string, request
from sqlalchemy import text
from telemetry import engine, sentry, sentry_flask, serve

sentry()
app = sentry_flask(Flask("clinic-sentry"))
database = engine(os.environ["SCRATCH"] + "/old.db", instrument=False)
with database.begin() as db:
    for table in ("doctors", "shifts"):
        db.execute(text(f"create table if not exists {table} (id integer, parent integer, name text)"))


@app.get("/doctors")
def doctors():
    with database.connect() as db:
        db.execute(text("select id, name from doctors")).all()
        for number in range(14):
            db.execute(text("select name from shifts where parent = :id"), {"id": number}).all()
    return jsonify([])


@app.get("/rule/<name>")
def rule(name):
    return jsonify(forms.compiled(name)({"age": None}))


@app.get("/letter")
def letter():
    return render_template_string("{% for line in lines %}{{ forms.fee(line) }}{% endfor %}", lines=[{}], forms=forms)


@app.get("/column/<name>")
def column(name):
    return jsonify(forms.column(name))


@app.get("/address")
def address():
    return jsonify(forms.sent(forms.street))


@app.get("/insurance")
def insurance():
    return jsonify(forms.sent(forms.insurer))


@app.get("/missing")
def missing():
    return jsonify({}), 404


@app.get("/try")
def tried():
    """Fails twice, tries again, and has it."""
    for attempt in range(3):
        try:
            return jsonify(forms.flaky(attempt))
        except ConnectionError:
            app.logger.info("trying again")
    return jsonify({})


@app.post("/form")
def form():
    if "name" not in request.json:
        return jsonify({"error": "name"}), 400
    return jsonify({})


serve(app)
