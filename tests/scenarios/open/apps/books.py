"""A bookshop in FastAPI on SQLAlchemy under OpenTelemetry's own instrumentations."""

import os
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from fastapi import FastAPI
from sqlalchemy import text
from telemetry import engine, otel, otel_fastapi, serve

otel()
app = otel_fastapi(FastAPI())
database = engine(os.environ["SCRATCH"] + "/books.db")
SLOWER = float(os.environ.get("SLOWER", "1"))
BROKEN = float(os.environ.get("BROKEN", "0"))


def prepare():
    with database.begin() as db:
        for table in ("authors", "books", "reviews", "prices", "stock"):
            db.execute(text(f"create table if not exists {table} (id integer, parent integer, name text)"))
            if not db.execute(text(f"select count(*) from {table}")).scalar():
                db.execute(text(f"insert into {table} values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')"))


prepare()


class Warehouse(BaseHTTPRequestHandler):
    """Somebody else's service, which is not instrumented."""

    tries = {}

    def do_GET(self):
        if self.path.startswith("/slow"):
            time.sleep(0.8)
        elif self.path.startswith("/flaky"):
            self.tries[self.path] = self.tries.get(self.path, 0) + 1
            if self.tries[self.path] % 3:
                return self.send_error(503)
        elif self.path.startswith("/down"):
            return self.send_error(503)
        else:
            time.sleep(0.07)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


other = ThreadingHTTPServer(("127.0.0.1", 0), Warehouse)
threading.Thread(target=other.serve_forever, daemon=True).start()
OTHER = f"http://127.0.0.1:{other.server_port}"


@app.get("/authors")
def authors(count: int = 12):
    """Each author's books are asked for one by one."""
    with database.connect() as db:
        db.execute(text("select id, name from authors limit :n"), {"n": count}).all()
        return [
            db.execute(text("select name from books where parent = :id"), {"id": n}).all().__len__()
            for n in range(count)
        ]


@app.get("/catalogue")
def catalogue(count: int = 6):
    """Each book's price and stock and reviews are asked for in turn."""
    with database.connect() as db:
        db.execute(text("select id, name from books")).all()
        for n in range(count):
            db.execute(text("select name from prices where parent = :id"), {"id": n}).all()
            db.execute(text("select name from stock where parent = :id"), {"id": n}).all()
            db.execute(text("select name from reviews where parent = :id"), {"id": n}).all()
    return {}


@app.get("/home")
def home():
    """Three different questions, once each, none of them long."""
    with database.connect() as db:
        for table in ("books", "authors", "reviews"):
            db.execute(text(f"select id, name from {table}")).all()
    return {}


@app.get("/report")
def report():
    with database.connect() as db:
        for _ in range(3):
            db.execute(
                text("select /* report */ b.name, count(*) from books b, reviews r where r.parent = b.id group by 1")
            ).all()
        time.sleep(0)
    return {}


@app.get("/yearly")
def yearly():
    """One question whose answer takes long, because there is no index."""
    with database.connect() as db:
        time.sleep(0.01)
        db.execute(text(SLOW_SQL)).all()
    return {}


SLOW_SQL = """
with recursive days(n) as (select 1 union all select n + 1 from days where n < 6000000)
select count(*) from days left join books on books.id = days.n where books.name like '%a%'
"""


@app.get("/shipping/{order}")
def shipping(order: int):
    """One request for each parcel, one after the other."""
    for parcel in range(9):
        requests.get(f"{OTHER}/parcels/{parcel + order * 100}", timeout=5)
    return {}


@app.get("/profile")
def profile():
    """Three slow services that know nothing of each other, asked one after the other."""
    for place in ("address", "points", "recommended"):
        requests.get(f"{OTHER}/slow/{place}", timeout=5)
    return {}


@app.post("/publish/{book}")
def publish(book: int):
    """Tries again at once, and again, and gives up."""
    for _ in range(6):
        if requests.get(f"{OTHER}/down/index", timeout=5).ok:
            return {}
    return {"published": False}


@app.post("/label/{order}")
def label(order: int):
    """Tries again after a while, and gets it."""
    for attempt in range(4):
        if requests.get(f"{OTHER}/flaky/{order}", timeout=5).ok:
            return {}
        time.sleep(0.1 * 2**attempt)
    return {"label": False}


@app.get("/search")
def search():
    time.sleep(random.lognormvariate(-2.6, 0.25) * SLOWER)
    return {}


@app.get("/browse")
def browse():
    time.sleep(random.lognormvariate(-2.6, 0.25))
    return {}


@app.post("/checkout")
def checkout():
    if random.random() < BROKEN:
        raise RuntimeError("the card service does not answer")
    return {}


@app.get("/healthz")
def healthz():
    return {}


@app.get("/jobs/{number}")
def job(number: int):
    time.sleep(0.004)
    return {"done": False}


COLD = []


@app.get("/recommended")
def recommended():
    if not COLD:
        COLD.append(1)
        time.sleep(2.5)
    time.sleep(0.03)
    return {}


@app.get("/cached")
def cached():
    """The same settings are asked of a cache in memory; the database is asked once."""
    with database.connect() as db:
        found = db.execute(text("select name from prices")).all()
    return [found for _ in range(30)].__len__()


serve(app)
