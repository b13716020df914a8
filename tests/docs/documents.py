"""The README and the guide as data: their console commands, links and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGES = (PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md")))


def console_commands() -> list[str]:
    """Every `$ ` line of a console block in the README and the guide, once each, in order of appearance."""
    commands: dict[str, None] = {}
    for page in PAGES:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.splitlines():
                if line.startswith("$ "):
                    commands[line[2:].strip()] = None
    return list(commands)


def runbook_commands() -> set[str]:
    """Every command that the runbook's tables give, but for those in which the reader has to fill a gap."""
    runbook = (PROJECT / "docs" / "runbook.md").read_text()
    return {command for command in re.findall(r"`((?:pulumi|python3 run\.py) [^`]+)`", runbook) if "..." not in command}


def links() -> Iterator[tuple[Path, str]]:
    """Every relative link of a page: the page, and what it points to."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" not in target:
                yield page, target


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have on the usual code hosts."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
