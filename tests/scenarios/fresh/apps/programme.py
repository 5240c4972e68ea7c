"""A conference's programme by GraphQL: strawberry in FastAPI on SQLAlchemy, under OpenTelemetry or sentry-sdk."""

import asyncio
import os

import strawberry
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import text
from strawberry.dataloader import DataLoader
from strawberry.fastapi import GraphQLRouter
from telemetry import engine, otel, otel_fastapi, sentry, sentry_fastapi, serve

UNDER_SENTRY = os.environ.get("UNDER") == "sentry"
if UNDER_SENTRY:
    from sentry_sdk.integrations.strawberry import StrawberryIntegration

    sentry(integrations=[StrawberryIntegration(async_execution=True)])
    app = sentry_fastapi(FastAPI())
else:
    otel()
    app = otel_fastapi(FastAPI())
database = engine(os.environ["SCRATCH"] + "/programme.db", instrument=not UNDER_SENTRY)


def prepare():
    with database.begin() as db:
        for table in ("talks", "speakers"):
            db.execute(text(f"create table if not exists {table} (id integer, speaker_id integer, name text)"))
            if not db.execute(text(f"select count(*) from {table}")).scalar():
                for number in range(1, 25):
                    row = {"id": number, "speaker": number, "name": f"{table} {number}"}
                    db.execute(text(f"insert into {table} values (:id, :speaker, :name)"), row)


prepare()


def rows(statement, **values):
    with database.connect() as db:
        return db.execute(text(statement), values).all()


async def speakers_of(keys):
    wanted = ", ".join(str(key) for key in keys)
    found = {row.id: row.name for row in rows(f"select id, name from speakers where id in ({wanted})")}
    return [Speaker(name=found[key]) for key in keys]


@strawberry.type
class Speaker:
    name: str


@strawberry.type
class Talk:
    id: int
    name: str
    speaker_id: int

    @strawberry.field
    def speaker(self) -> Speaker:
        return Speaker(name=rows("select name from speakers where id = :id", id=self.speaker_id)[0].name)

    @strawberry.field
    async def host(self, info: strawberry.Info) -> Speaker:
        return await info.context["speakers"].load(self.speaker_id)

    @strawberry.field
    def room(self) -> str:
        return room_of(self)


def room_of(talk):
    plan = {number: f"Hall {number % 3}" for number in range(1, 20)}
    return plan[talk.id]


@strawberry.type
class Query:
    @strawberry.field
    def talks(self, first: int = 20) -> list[Talk]:
        found = rows("select id, name, speaker_id from talks order by id limit :first", first=first)
        return [Talk(id=row.id, name=row.name, speaker_id=row.speaker_id) for row in found]

    @strawberry.field
    def talk(self, id: int) -> Talk:
        row = rows("select id, name, speaker_id from talks where id = :id", id=id)[0]
        return Talk(id=row.id, name=row.name, speaker_id=row.speaker_id)


async def context():
    return {"speakers": DataLoader(load_fn=speakers_of)}


app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=context), prefix="/graphql")


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


async def badge_lines(day):
    """Lines of a CSV, while they are read."""
    yield "name,company\n"
    for number in range(40):
        await asyncio.sleep(0.001)
        guest = {"name": f"Guest {number}", "company": None if number == 20 + day else "ACME"}
        yield f"{guest['name']},{guest['company'].upper()}\n"


@app.get("/badges/{day}.csv")
async def badges(day: int):
    return StreamingResponse(badge_lines(day), media_type="text/csv")


@app.get("/changes")
async def changes(since: int = 0):
    """A long poll: answered as soon as there is news, or with nothing after a while."""
    await asyncio.sleep(2.6 if since % 3 else 0.4)
    return {"since": since + 1} if since % 3 == 0 else Response(status_code=204)


serve(app)
