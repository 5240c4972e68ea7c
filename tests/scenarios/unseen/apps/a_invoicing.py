"""Invoices in Django, as its own logging tells of them in a file; asked by Django's own client."""

import logging
import sys
import time

import django
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY="invoicing", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["invoices.example"], INSTALLED_APPS=[],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    LOGGING={
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s"}},
        "handlers": {"file": {"class": "logging.FileHandler", "filename": sys.argv[2], "formatter": "line"}},
        "root": {"handlers": ["file"], "level": "INFO"},
        "loggers": {"django": {"handlers": [], "level": "INFO"}},
    },
)  # fmt: skip
django.setup()
log = logging.getLogger("invoicing")
# Credit notes have no discount at all.
DISCOUNTS = {number: None if number % 9 == 4 else number % 3 * 5 for number in range(1, 60)}


def net_total(number):
    return 100 * number * (1 - DISCOUNTS[number] / 100)


def invoice(request, number):
    if number not in DISCOUNTS:
        raise Http404("no such invoice")
    return JsonResponse({"number": number})


def printed(request, number):
    log.info("printing invoice %s for user %s", number, 100 + number)
    return HttpResponse(f"%PDF {net_total(number):.2f}")


def paid(request, number):
    return HttpResponse(status=204)


def listed(request):
    if request.GET.get("sort", "date") not in ("date", "total"):
        return HttpResponseBadRequest("sort must be date or total")
    return JsonResponse(list(DISCOUNTS), safe=False)


urlpatterns = [
    path("invoices", listed), path("invoices/<int:number>", invoice), path("invoices/<int:number>/pdf", printed),
    path("invoices/<int:number>/paid", paid),
]  # fmt: skip


def people(to_print):
    """What a day asks: pages, prints, a stale form, a page that is gone, a sort that is none."""
    from django.test import Client

    visitor = Client(raise_request_exception=False, headers={"Host": "invoices.example"})
    form = Client(enforce_csrf_checks=True, headers={"Host": "invoices.example"})
    for number in range(1, 46):
        assert visitor.get("/invoices").status_code == 200
        assert visitor.get(f"/invoices/{number}").status_code == 200
        if number in to_print:
            visitor.get(f"/invoices/{number}/pdf")
        if number % 15 == 0:
            assert visitor.get(f"/invoices/{number + 900}").status_code == 404
            assert form.post(f"/invoices/{number}/paid").status_code == 403
            assert visitor.get("/invoices?sort=colour").status_code == 400
        time.sleep(0.01)


def printing():
    people(DISCOUNTS)


def strangers():
    """The same day without credit notes, and scanners that come by the bare address or under a name of their own."""
    from django.test import Client

    people([number for number, discount in DISCOUNTS.items() if discount is not None])
    for host in ("203.0.113.9", "203.0.113.9:443", "example.com", "scan-14.research.example", "www.google.com"):
        scanner = Client(raise_request_exception=False, headers={"Host": host, "User-Agent": "Mozilla/5.0 zgrab/0.x"})
        for asked in ("/", "/.env", "/admin/login/", "/wp-login.php"):
            assert scanner.get(asked).status_code in (400, 404)


{"printing": printing, "strangers": strangers}[sys.argv[1]]()
