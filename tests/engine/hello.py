"""examples/hello with the Pulumi CLI, in processes of its own: nothing of this platform is in its environment."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

from aurora.local.emulator import ACCOUNT_ID
from aurora.ops import engine, uv
from tests.engine.engine import Engine
from tests.examples.projects import write_hello

SERVICE = "hello"
_DIGESTS = """
import json, sys, yaml
from aurora.components.group import image_requests
from aurora.declaration import Declaration
from aurora.naming import Naming
from aurora.project import ROOT, service, systems
from aurora.settings import Settings

stage, account = sys.argv[1:]
config = yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())["config"]
settings = Settings.read(service(), stage, config, systems())
declared = Declaration(systems(), settings, Naming(service(), stage, settings.region, account), ROOT)
print(json.dumps({group: request.tag for group, request in image_requests(declared).items()}))
"""


class HelloEngine(Engine):
    """An engine whose checkout is a copy of examples/hello."""

    def source_digests(self, stage: str = "dev") -> dict[str, str]:
        """The tag of each group's image, as the project itself computes it."""
        return json.loads(self.must(".venv/bin/python", "-c", _DIGESTS, stage, ACCOUNT_ID))


def make_hello(folder: Path) -> Path:
    """The project in ``folder``, with the engine from a wheel and the packages of this environment."""
    wheel = engine.build(folder.parent)
    write_hello(folder, wheel)
    uv.run("venv", "--quiet", str(folder / ".venv"), folder=folder)
    uv.run("pip", "install", "--no-deps", "--python", str(folder / ".venv"), str(wheel), folder=folder)
    # A path alone: what stands in .pth files there, as this project's folder, is not followed.
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder
