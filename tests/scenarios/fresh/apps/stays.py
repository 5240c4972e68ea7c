"""Beds in mountain huts: a booking site in Django, on its ORM, under sentry-sdk."""

import csv
import io
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import django
import requests
import sentry_sdk
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.backends.signals import connection_created
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from sentry_sdk.integrations.django import DjangoIntegration
from telemetry import NETWORK_S, sentry

sentry(integrations=[DjangoIntegration(middleware_spans=False)])
SEARCH_S = float(os.environ.get("SEARCH_S", "0.01"))
# Where the database's volume is gone, every query ends as it does in life.
NAME = "/mnt/gone/stays.db" if os.environ.get("NO_DATABASE") else os.environ["SCRATCH"] + "/stays.db"
settings.configure(
    SECRET_KEY="stays", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, INSTALLED_APPS=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": NAME}},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", f"{__name__}.known"],
    LOGGING={
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {"django.server": {"handlers": [], "level": "INFO"}},
    },
)  # fmt: skip
django.setup()


def known(get_response):
    def middleware(request):
        sentry_sdk.set_user({"id": request.headers.get("X-User", "")})
        return get_response(request)

    return middleware


def far(execute, sql, params, many, context):
    time.sleep(SEARCH_S if "LIKE" in sql else NETWORK_S)
    return execute(sql, params, many, context)


connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(far), weak=False)


class Hut(models.Model):
    name = models.TextField()
    valley = models.TextField(default="")
    beds = models.IntegerField(default=20)

    class Meta:
        app_label = "stays"


class Booking(models.Model):
    hut = models.ForeignKey(Hut, models.CASCADE)
    bed = models.IntegerField()
    night = models.TextField()

    class Meta:
        app_label = "stays"
        constraints = [models.UniqueConstraint(fields=["hut", "bed", "night"], name="one_guest_a_bed")]


def prepare():
    if Path(NAME).exists() or NAME.startswith("/mnt/gone"):
        return
    with connection.schema_editor() as editor:
        editor.create_model(Hut)
        editor.create_model(Booking)
    for number, name in enumerate(("Gamshütte", "Cabane du Mont", "Rifugio Alto", "Stoana"), 1):
        Hut.objects.create(id=number, name=name, valley=f"valley {number}")


def healthz(request):
    return HttpResponse("ok")


def huts(request):
    return JsonResponse([hut.name for hut in Hut.objects.all()], safe=False)


def hut(request, number):
    found = Hut.objects.filter(id=number).first()
    if found is None:
        raise Http404(f"no hut {number}")
    return JsonResponse({"name": found.name, "free": found.beds - Booking.objects.filter(hut=found).count()})


def reserve(number, bed, night):
    return Booking.objects.create(hut_id=number, bed=bed, night=night)


def book(request, number):
    asked = json.loads(request.body)
    if "night" not in asked:
        return JsonResponse({"night": ["This field is required."]}, status=400)
    reserve(number, asked["bed"], asked["night"])
    return JsonResponse({}, status=201)


def review(request, number):
    raise PermissionDenied("only guests who stayed here may review it")


def search(request):
    found = Hut.objects.filter(valley__contains=request.GET.get("q", ""))
    return JsonResponse([one.name for one in found], safe=False)


def plan(request):
    """The season's free nights, from a warden's spreadsheet."""
    lines = csv.DictReader(io.StringIO(request.body.decode()))
    for number, line in enumerate(lines):
        Booking.objects.create(hut_id=1, bed=number, night=f"{line['night']} {time.monotonic_ns()}")
    return JsonResponse({}, status=201)


class Outside(BaseHTTPRequestHandler):
    """Other people's services: a bank, the weather, a railway."""

    port = 0

    def do_GET(self):
        bank = self.path.startswith("/transfers")
        time.sleep(0.02 if bank else 0.19)
        self.send_response(502 if bank and os.environ.get("BANK_DOWN") else 200)
        self.end_headers()
        self.wfile.write(b'{"next": 17}')

    def log_message(self, *args):
        pass


class BankRefused(Exception):
    """The bank did not do what we asked."""


def outside(place):
    answer = requests.get(f"http://127.0.0.1:{Outside.port}{place}", timeout=5)
    answer.raise_for_status()
    return answer.json()


def ask_bank(kind, number):
    try:
        return outside(f"/transfers/{kind}/{number}")
    except requests.RequestException as error:
        raise BankRefused(f"bank did not accept {kind} {number}") from error


def pay(request, number):
    return JsonResponse(ask_bank("payment", number))


def refund(request, number):
    return JsonResponse(ask_bank("refund", number))


def day(request):
    """What a hiker wants to know of a day: four services that do not know of each other."""
    return JsonResponse([outside(f"/{one}") for one in ("weather", "avalanches", "trains", "huts-open")], safe=False)


def me(request):
    """Each needs what the one before said."""
    account = outside("/token")["next"]
    club = outside(f"/accounts/{account}")["next"]
    return JsonResponse(outside(f"/clubs/{club}/card"))


def flush(request):
    sentry_sdk.flush(5)
    return HttpResponse()


urlpatterns = [
    path("healthz", healthz), path("huts", huts), path("huts/<int:number>", hut),
    path("huts/<int:number>/book", book), path("huts/<int:number>/review", review), path("search", search),
    path("plan", plan), path("pay/<int:number>", pay), path("refund/<int:number>", refund), path("day", day),
    path("me", me), path("-/flush", flush),
]  # fmt: skip


def main():
    from django.core.servers.basehttp import run
    from django.core.wsgi import get_wsgi_application

    prepare()
    others = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    Outside.port = others.server_port
    threading.Thread(target=others.serve_forever, daemon=True).start()
    sys.stderr.write("Starting development server\n")
    run("127.0.0.1", int(os.environ["PORT"]), get_wsgi_application(), threading=True)


main()
