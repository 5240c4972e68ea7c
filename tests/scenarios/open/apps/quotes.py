"""Prices asked of many suppliers at once, in FastAPI under OpenTelemetry."""

import asyncio

from fastapi import FastAPI
from telemetry import otel, otel_fastapi, serve

otel()
app = otel_fastapi(FastAPI())
SUPPLIERS = {"north": {"price": 3}, "south": {}}


async def quote(supplier):
    await asyncio.sleep(0.002)
    return price_in(SUPPLIERS[supplier])


def price_in(answer):
    return answer["price"] * 2


@app.get("/quotes/{way}")
async def quoted(way: str):
    if way == "task":
        return await asyncio.create_task(quote("south"))
    if way == "soon":
        return await asyncio.wait_for(quote("south"), 5)
    if way == "all":
        return await asyncio.gather(*(quote(supplier) for supplier in SUPPLIERS))
    return await quote("south")


serve(app)
