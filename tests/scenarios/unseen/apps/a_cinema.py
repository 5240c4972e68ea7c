"""Seats of a cinema: FastAPI under OpenTelemetry."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from telemetry import otel, otel_fastapi, serve

tracer = otel()
app = FastAPI()
ACCOUNTS = {1: {"name": "Ida"}, 2: {"name": "Noor"}, 3: {"name": "Tom"}}
# Accounts that were closed leave their orders behind.
ORDERS = {number: {"seat": f"{number % 9}F", "account": ACCOUNTS.get(number % 5)} for number in range(1, 40)}
tries: dict[str, int] = {}


class CardDeclined(Exception):
    """The bank said no."""


@app.exception_handler(CardDeclined)
async def declined(request: Request, error: CardDeclined):
    return JSONResponse({"declined": str(error)}, 402)


@app.get("/live")
def live():
    return "ok"


@app.get("/films")
def films():
    return ["Alphaville", "Paterson", "Toni Erdmann"]


@app.post("/films/{film}/seats")
def hold(film: int):
    return {"order": film * 7}


@app.post("/orders/{order}/pay")
def pay(order: int, asked: dict):
    charge(order, asked["card"])
    return {"paid": order}


def charge(order, card):
    with tracer.start_as_current_span("charge card", attributes={"payment.provider": "acquirer"}) as span:
        answer = {"1111": "insufficient_funds", "2222": "expired_card"}.get(card, "approved")
        span.set_attribute("payment.answer", answer)
        if answer != "approved":
            raise CardDeclined(answer)


def buyer_line(order):
    return f"{order['account']['name']}, seat {order['seat']}"


@app.get("/orders/{number}/receipt")
def receipt(number: int):
    return {"receipt": buyer_line(ORDERS[number])}


@app.post("/orders/{number}/mail")
def mail(number: int):
    return {"sent": buyer_line(ORDERS[number])}


@app.post("/session")
def sign_in(asked: dict, request: Request):
    who = request.headers.get("x-forwarded-for", "")
    tries[who] = tries.get(who, 0) + 1
    if tries[who] > 20:
        raise HTTPException(429, "too many attempts", {"Retry-After": "900"})
    if asked["password"] != "opensesame":
        raise HTTPException(401, "mail or password is wrong")
    tries[who] = 0
    return {"name": "Ida"}


serve(otel_fastapi(app))
