"""Contacts and deals of a sales team: a CRM in Django, on its ORM, under sentry-sdk."""

import csv
import io
import json
import os
from pathlib import Path

import django
import sentry_sdk
from django.conf import settings
from django.db import connection, models
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from sentry_sdk.integrations.django import DjangoIntegration
from telemetry import sentry

sentry(integrations=[DjangoIntegration(middleware_spans=False)])
NAME = os.environ["SCRATCH"] + "/crm.db"
settings.configure(
    SECRET_KEY="crm", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, INSTALLED_APPS=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": NAME}},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", f"{__name__}.signed_in"],
)  # fmt: skip
django.setup()


class Contact(models.Model):
    name = models.TextField()
    mail = models.TextField()

    class Meta:
        app_label = "crm"


class Deal(models.Model):
    title = models.TextField()
    owner = models.TextField()
    amount = models.FloatField()

    class Meta:
        app_label = "crm"


def signed_in(get_response):
    def middleware(request):
        sentry_sdk.set_user({"id": request.headers.get("X-User", "")})
        return get_response(request)

    return middleware


def health(request):
    return HttpResponse("ok")


def contacts(request):
    return JsonResponse([one.name for one in Contact.objects.order_by("name")[:50]], safe=False)


def contact(request, number):
    found = Contact.objects.filter(id=number).first()
    if found is None:
        raise Http404("no such contact")
    return JsonResponse({"name": found.name, "mail": found.mail})


def note(request, number):
    text = json.loads(request.body).get("text", "").strip()
    if not text:
        return JsonResponse({"text": ["A note needs some text."]}, status=400)
    return JsonResponse({}, status=201)


def read_rows(body):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def import_contacts(request):
    rows = read_rows(request.body)
    if not rows or "mail" not in rows[0]:
        return JsonResponse({"file": ["The first line must name the columns name and mail."]}, status=400)
    made = Contact.objects.bulk_create([Contact(name=row["name"], mail=row["mail"]) for row in rows])
    return JsonResponse({"imported": len(made)}, status=201)


def amount_of(row):
    return float(row["amount"])


def owner_of(row):
    return row["owner"].strip().lower()


def deal_of(row):
    return Deal(title=row["title"], owner=owner_of(row), amount=amount_of(row))


def import_deals(request):
    made = Deal.objects.bulk_create([deal_of(row) for row in read_rows(request.body)])
    return JsonResponse({"imported": len(made)}, status=201)


def flush(request):
    sentry_sdk.flush(5)
    return HttpResponse()


urlpatterns = [
    path("health", health), path("contacts", contacts), path("contacts/<int:number>", contact),
    path("contacts/<int:number>/notes", note), path("contacts/import", import_contacts),
    path("deals/import", import_deals), path("-/flush", flush),
]  # fmt: skip


def prepare():
    if Path(NAME).exists():
        return
    with connection.schema_editor() as editor:
        editor.create_model(Contact)
        editor.create_model(Deal)
    Contact.objects.bulk_create([Contact(name=f"Contact {n}", mail=f"c{n}@example.org") for n in range(1, 30)])


def main():
    from django.core.servers.basehttp import run
    from django.core.wsgi import get_wsgi_application

    prepare()
    run("127.0.0.1", int(os.environ["PORT"]), get_wsgi_application(), threading=True)


main()
