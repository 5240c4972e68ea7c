"""A music school's lessons: FastAPI under OpenTelemetry; what takes long is done by a worker, which has a log."""

import asyncio
import os
import random

from fastapi import FastAPI
from telemetry import otel, otel_fastapi, serve

otel()
app = otel_fastapi(FastAPI())
TIMETABLE_S = float(os.environ.get("TIMETABLE_S", "0.12"))


@app.get("/healthz")
def healthz():
    return {"ok": True}


@app.get("/timetable")
async def timetable():
    await asyncio.sleep(TIMETABLE_S * random.uniform(0.8, 1.3))
    return ["violin", "piano"]


@app.get("/teachers")
async def teachers():
    await asyncio.sleep(0.05 * random.uniform(0.8, 1.3))
    return ["Ms Sand", "Mr Weill"]


@app.post("/exports", status_code=202)
async def export():
    await asyncio.sleep(0.02)
    return {"state": "accepted"}


serve(app)
