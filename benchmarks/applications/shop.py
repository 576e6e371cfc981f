"""The FastAPI application of asgi_scenarios.py: a model with a dozen fields, as JSON."""

from datetime import UTC, datetime
from decimal import Decimal

from fastapi import FastAPI
from pydantic import BaseModel


class Address(BaseModel):
    street: str
    town: str
    postcode: str


class Order(BaseModel):
    number: int
    customer: str
    email: str
    placed: datetime
    paid: bool
    total: Decimal
    currency: str
    weight: float
    notes: str | None
    tags: list[str]
    quantities: dict[str, int]
    address: Address


ORDER = Order(
    number=123456,
    customer="Ada Lovelace",
    email="ada@example.org",
    placed=datetime(2025, 11, 22, 8, 30, tzinfo=UTC),
    paid=True,
    total=Decimal("199.90"),
    currency="EUR",
    weight=2.75,
    notes=None,
    tags=["books", "express", "gift"],
    quantities={"notes on the engine": 2, "tables": 1},
    address=Address(street="12 St James's Square", town="London", postcode="SW1Y 4JH"),
)
app = FastAPI()


@app.get("/")
async def order() -> Order:
    return ORDER
