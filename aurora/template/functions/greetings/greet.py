"""Greets by name."""

from typing import Any

from aurora.runtime.api import Api
from functions.greetings.settings import GreetSettings

api = Api("greet")


@api.routes.get("/greeting")
def greeting() -> dict[str, str]:
    """Greets the name in the query, ``/greeting?name=Ada``, or else the world."""
    name = (api.routes.current_event.query_string_parameters or {}).get("name", "world")
    return {"greeting": f"{GreetSettings.read().greeting}, {name}!"}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.handle(event, context)
