"""A small sales team's CRM: FastAPI on SQLAlchemy's ORM, under sentry-sdk."""

import os

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship
from telemetry import engine, sentry, sentry_fastapi, serve

sentry()
app = sentry_fastapi(FastAPI())
database = engine(os.environ["SCRATCH"] + "/crm.db", instrument=False)


class Base(DeclarativeBase):
    pass


class Contact(Base):
    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    company: Mapped[str]


class Deal(Base):
    __tablename__ = "deals"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    stage: Mapped[str]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    contact: Mapped[Contact] = relationship()


class ContactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    company: str


class DealOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    contact: ContactOut


def prepare():
    Base.metadata.create_all(database)
    with Session(database) as db:
        if db.scalar(select(func.count()).select_from(Deal)):
            return
        for number in range(1, 61):
            db.add(Contact(id=number, name=f"Contact {number}", company=f"Company {number % 9}"))
            stage = ("lead", "offer", "won")[number % 3]
            db.add(Deal(id=number, title=f"Deal {number}", stage=stage, contact_id=number))
        db.commit()


@app.get("/healthz")
def healthz():
    return {"ok": True}


@app.get("/api/deals")
def deals(stage: str = "offer") -> list[DealOut]:
    with Session(database) as db:
        found = db.scalars(select(Deal).where(Deal.stage == stage).order_by(Deal.id)).all()
        return [DealOut.model_validate(one) for one in found]


@app.get("/api/deals/{number}")
def deal(number: int) -> DealOut:
    with Session(database) as db:
        chosen = select(Deal).options(joinedload(Deal.contact)).where(Deal.id == number)
        return DealOut.model_validate(db.scalars(chosen).one())


@app.get("/api/contacts")
def contacts() -> list[ContactOut]:
    with Session(database) as db:
        return [ContactOut.model_validate(one) for one in db.scalars(select(Contact).limit(30)).all()]


prepare()
serve(app)
