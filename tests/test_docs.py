"""Pages that can go stale, checked against the code."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import docs  # noqa: E402 — a tool, not a package
from robot import spanish  # noqa: E402
from robot.cli import app  # noqa: E402
from robot.records.caso import NOMBRE_ESTADO  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    """The page is what `python tools/docs.py` would write now."""
    assert (ROOT / name).read_text(encoding="utf-8") == docs.PAGES[name]()


OPERATION = (ROOT / "docs" / "operacion.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """Return every `serviweb …` line of the shell blocks for people, words split as a shell does."""
    blocks = re.findall(r"```sh\n(.*?)```", README + OPERATION, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip().startswith("serviweb ")]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_pages_parses(words: list[str]) -> None:
    """Command, options and arguments of each example are ones that the program has."""
    import typer

    group = typer.main.get_command(app)
    assert isinstance(group, spanish.Group)
    command, rest = group.commands[words[1]], words[2:]
    if isinstance(command, spanish.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    with command.make_context(words[1], rest) as context:
        assert context.params


def test_the_readme_names_every_state_that_a_person_must_treat() -> None:
    """Each state but those that need nobody has its row in *Cuando algo sale mal*."""
    named = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    assert named == NOMBRE_ESTADO.keys() - {"terminado", "en_cola", "en_curso", "cancelado"}


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file of the project."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target
