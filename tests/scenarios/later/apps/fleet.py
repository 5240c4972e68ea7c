"""A courier's fleet in FastAPI under sentry-sdk."""

import asyncio

from fastapi import BackgroundTasks, FastAPI, Header, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, Field
from telemetry import sentry, sentry_fastapi, serve
from tolls import fuel_of, toll_of

sentry()
app = sentry_fastapi(FastAPI())
parcels = set()
asked = {}


class Parcel(BaseModel):
    number: int
    weight: float = Field(gt=0, le=30)


def send_receipt(number):
    raise ConnectionRefusedError(111, f"mail relay refused receipt R-{number:06} for ann{number}@example.org")


@app.post("/deliveries/{number}")
def delivered(number: int, tasks: BackgroundTasks):
    """The receipt is sent after the answer."""
    tasks.add_task(send_receipt, number)
    return {"delivered": number}


async def eta_of(van):
    await asyncio.sleep(0)  # so that they all fail before the group can cancel one
    return 60 / (van % 2)


@app.get("/etas/{vans}")
async def etas(vans: int):
    async with asyncio.TaskGroup() as group:
        for van in range(vans):
            group.create_task(eta_of(van))
    return {}


@app.get("/costs/{tour}")
def costs(tour: int):
    line = {"tour": tour}
    return {"cost": toll_of(line) if tour % 2 else fuel_of(line)}


@app.post("/parcels", status_code=201)
def parcel(parcel: Parcel):
    if parcel.number in parcels:
        raise HTTPException(409, "this number is taken")
    parcels.add(parcel.number)
    return {}


@app.get("/me")
def me(x_password: str = Header("")):
    if x_password != "right":
        raise HTTPException(401, "wrong password")
    return {}


@app.get("/positions")
def positions(x_user: str = Header("")):
    asked[x_user] = asked.get(x_user, 0) + 1
    if asked[x_user] == 2:
        raise HTTPException(429, "ask again in a second", {"Retry-After": "1"})
    return {}


@app.get("/tours/{number}")
def tour(number: int):
    return {"stops": stops_of({"number": number, "driver": None})}


def stops_of(tour):
    return tour["driver"].stops


def reserve_van(number):
    raise TimeoutError("upstream timed out")


@app.post("/vans/{number}")
def van(number: int):
    return reserve_van(number)


# Around everything, so that a page may read what a failure was answered with.
serve(CORSMiddleware(app, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]))
