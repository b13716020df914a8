"""The project that a command works on: its folder, its name, and the systems that it declares."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aurora.errors import CommandError

if TYPE_CHECKING:  # imports pydantic, which few commands need
    from aurora.system import System


def _root() -> Path:
    """The folder that run.py sets, or the nearest one with a Pulumi.yaml, or else the working directory."""
    if named := os.environ.get("AURORA_PROJECT"):
        return Path(named).resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "Pulumi.yaml").is_file()), here)


ROOT: Final = _root()


def service(project: Path = ROOT) -> str:
    """The project's name in Pulumi.yaml, which every resource's name begins with.

    Raises:
        CommandError: there is no project, or it has no name.
    """
    import yaml

    try:
        found = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
        return str(found["name"])
    except FileNotFoundError:
        raise CommandError(
            f"{project} is not a project: it has no Pulumi.yaml. Change to a project's folder."
        ) from None
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise CommandError(f"{project / 'Pulumi.yaml'} has no name, as in `name: tales`: {error}") from error


def systems() -> tuple[System, ...]:
    """The systems of the platform: by convention ``infra.SYSTEMS``.

    Raises:
        CommandError: the project declares none.
    """
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module("infra").SYSTEMS
    except ModuleNotFoundError as error:
        if error.name != "infra":
            raise
        raise CommandError(f"{ROOT} declares no systems: its infra/__init__.py must define SYSTEMS.") from None
    except AttributeError:
        raise CommandError(f"{ROOT / 'infra' / '__init__.py'} must define SYSTEMS, the systems to deploy.") from None


def load(path: str) -> Any:
    """Imports the object at ``module:name``, a path that a system declares.

    Raises:
        CommandError: the module does not exist, or does not define the name.
    """
    module, _, name = path.partition(":")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise CommandError(f"A system names '{path}', but there is no module {error.name}.") from None
    if not hasattr(found, name):
        raise CommandError(f"A system names '{path}', but the module does not define '{name}'.")
    return getattr(found, name)
