"""A to-do list in the browser: pages, forms, and the report of what failed."""

import os
import re
import secrets
import signal
import threading
from datetime import datetime
from urllib.parse import urlsplit

import sentry_sdk
from flask import Flask, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.serving import make_server

from store import Store, Task

VISITOR = re.compile(r"[0-9a-f]{12}")


def create_app(database: str, fixes_url: str = "", release: str = "") -> Flask:
    app = Flask(__name__)
    add_pages(app, Store(database))

    @app.before_request
    def know_the_visitor() -> None:
        known = request.cookies.get("visitor", "")
        g.visitor = known if VISITOR.fullmatch(known) else secrets.token_hex(6)
        sentry_sdk.set_user({"id": g.visitor})

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint != "static":
            response.set_cookie("visitor", g.visitor, max_age=31_536_000, httponly=True, samesite="Lax")
        response.headers["Content-Security-Policy"] = content_policy(fixes_url)
        return response

    @app.context_processor
    def fixes() -> dict[str, str]:
        return {"fixes_url": fixes_url}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "release": release}

    @app.errorhandler(404)
    def not_found(_: Exception) -> tuple[str, int]:
        return render_template("error.html", title="Nothing here", words="That task is gone, or was never yours."), 404

    @app.errorhandler(500)
    def failed(_: Exception) -> tuple[str, int]:
        return render_template("error.html", title="Sorry, that failed.", words="improver has been told."), 500

    return app


def add_pages(app: Flask, store: Store) -> None:
    def own(task_id: int) -> Task:
        return store.task(task_id, g.visitor) or abort(404)

    @app.get("/")
    def index() -> str:
        tasks = store.tasks(g.visitor)
        return render_template(
            "index.html",
            open=[task for task in tasks if not task.done_at],
            done=[task for task in tasks if task.done_at],
        )

    @app.post("/tasks")
    def add() -> Response:
        title = request.form.get("title", "").strip()
        if title:
            store.add(g.visitor, title, datetime.now())
        return redirect(url_for("index"))

    @app.get("/tasks/<int:task_id>/edit")
    def edit(task_id: int) -> str:
        return render_template("edit.html", task=own(task_id))

    @app.post("/tasks/<int:task_id>/edit")
    def save(task_id: int) -> Response:
        task = own(task_id)
        title = request.form.get("title", "").strip()
        store.edit(task.id, g.visitor, title or task.title, request.form.get("notes", "").strip())
        return redirect(url_for("index"))

    @app.post("/tasks/<int:task_id>/done")
    def mark_done(task_id: int) -> Response:
        store.mark_done(own(task_id).id, g.visitor, datetime.now())
        return redirect(url_for("index"))

    @app.post("/tasks/<int:task_id>/delete")
    def delete(task_id: int) -> Response:
        store.delete(own(task_id).id, g.visitor)
        return redirect(url_for("index"))


def content_policy(fixes_url: str) -> str:
    fixes = urlsplit(fixes_url)
    told_by = f" {fixes.scheme}://{fixes.netloc}" if fixes.netloc else ""
    return f"default-src 'self'; connect-src 'self'{told_by}; form-action 'self'; frame-ancestors 'none'"


def main() -> None:
    # The DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
    sentry_sdk.init(traces_sample_rate=1.0)
    app = create_app(
        os.environ.get("TODO_DB", "todo.db"),
        fixes_url=os.environ.get("IMPROVER_FIXES_URL", ""),
        release=os.environ.get("SENTRY_RELEASE", ""),
    )
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "5000")), app, threaded=True)
    server.daemon_threads = False  # a request that has begun is answered before the end
    # shutdown() waits for the serving loop, which runs in this thread: it needs one of its own.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"to-do list on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()
    sentry_sdk.flush(timeout=2)


if __name__ == "__main__":
    main()
