"""A system that greets: one function behind one route."""

from pydantic import Field

from aurora.settings import StackModel
from aurora.system import Function, Route, Stage, System
from functions.greetings.settings import GreetSettings


class HelloSettings(StackModel):
    """What a stack may set under the service's name."""

    greeting: str = Field("Hello", min_length=1, description="the word that greets")


def _greet(stage: Stage) -> GreetSettings:
    return GreetSettings(greeting=stage.of(HelloSettings).greeting)


HELLO = System(
    "hello",
    groups={"greetings": (Function("greet", _greet),)},
    routes=(Route("GET /greeting", "greet", public="it greets everybody"),),
    settings=(HelloSettings,),
)
