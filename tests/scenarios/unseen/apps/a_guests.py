"""A guest list in FastAPI on uvicorn, whose own log is all that it keeps; it asks itself what guests ask."""

import http.client
import socket
import sys
import threading
import time

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
# Those who came by the new form left no phone number.
GUESTS = {n: {"name": f"Guest {n}", "phone": None if n % 8 == 5 else f"+49 30 {n:06}"} for n in range(1, 50)}
BOT = (("GET", "/wp-login.php"), ("POST", "/tables"), ("GET", "/guests/x"))


class Guest(BaseModel):
    name: str
    phone: str


@app.get("/guests/{number}")
def guest(number: int) -> Guest:
    if number not in GUESTS:
        raise HTTPException(404, "no such guest")
    return GUESTS[number]


@app.get("/tables")
def tables() -> list[int]:
    return [2, 4, 6]


def ask(port, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path)
    status = connection.getresponse().status
    connection.close()
    return status


def main():
    log = uvicorn.config.LOGGING_CONFIG
    for name in ("default", "access"):
        log["handlers"][name] = {"class": "logging.FileHandler", "filename": sys.argv[2], "formatter": name}
        log["formatters"][name]["use_colors"] = False
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=log))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    for number in range(1, 36):
        ask(port, "GET", "/tables")
        assert ask(port, "GET", f"/guests/{number}") == (500 if number % 8 == 5 else 200)
        if number % 12 == 0:
            assert [ask(port, *one) for one in BOT] == [404, 405, 422]
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                line.recv(200)
    server.should_exit = True
    thread.join()


main()
