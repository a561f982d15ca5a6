"""What the command says of itself has no English words: help, usage errors, exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from robot.cli import main

COMMANDS = ("", "demo", "mock", "reconexion", "tramite", "continuar", "caso", "diagnostico")
ENGLISH = re.compile(
    r"\b(usage|options?|commands?|arguments?|args|required|default|show|this|message|exit|the|and|is|not|does|take|"
    r"missing|invalid|value|try|help\b(?<!--help)|got|unexpected|extra|such|requires|install|str|int|text|integer|"
    r"path|file|directory|env|error|aborted|takes|given|multiple|choose|one|of|for|with|an?y)\b"
)
MISTAKES = (
    "nada",
    "--nada",
    "-x",
    "mock --puerto x",
    "mock --puerto",
    "mock uno dos",
    "caso",
    "caso A B",
    "caso --json=3",
    "caso --jsn A",
    "tramite R-1",
    "continuar",
    "reconexion",
    "reconexion 100234",
    "reconexion 100234 --forma-pago cheque",
    "reconexion 100234 --arreglo nada",
    "reconexion 100234 --medidor=3",
    "demo --carpeta",
    "demo --visible=1",
)


def said(*argv: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run the command line here; return its exit code and what it wrote."""
    with pytest.raises(SystemExit) as ended:
        main(list(argv))
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_spanish(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each help answers on stdout with exit code 0 and holds no English word."""
    code, out, err = said(*command.split(), "--help", capsys=capsys)
    assert (code, err) == (0, "")
    assert out.startswith("Uso: serviweb")
    assert sorted(set(ENGLISH.findall(re.sub(r"--[\w-]+", "", out.lower())))) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistyped_command_is_explained_in_spanish(mistake: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error goes to stderr with exit code 64, in Spanish, and says where the help is."""
    code, out, err = said(*mistake.split(), capsys=capsys)
    assert (code, out) == (64, "")
    assert sorted(set(ENGLISH.findall(re.sub(r"--[\w-]+", "", err.lower())))) == []
    assert ".." not in err


def test_no_command_shows_the_help_and_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Bare `serviweb` shows the help once, without the words of an error."""
    _code, out, err = said(capsys=capsys)
    assert (out + err).startswith("Uso: serviweb")
    assert ".." not in (out + err).replace("...", "")
    assert "Vea «" not in out + err


def test_every_exit_code_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help documents each class's code, and the codes of usage and interruption."""
    from robot import errors

    _code, out, _err = said("--help", capsys=capsys)
    documented = set(map(int, re.findall(r"\b(\d+)\s+[A-Za-z]", out.split("Códigos de salida")[1])))
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.RobotError)]
    assert {c.exit_code for c in classes} - {1} <= documented
    assert {0, 64, 130} <= documented


def test_errors_are_spanish_sentences_with_a_remedy() -> None:
    """Each class says in its docstring what happened, and has an advice of its own."""
    from robot import errors

    for kind in (c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.RobotError)):
        error = kind(step="14", control="factura.guardar")
        assert str(error) == f"Paso 14: {kind.__doc__}"
        assert not ENGLISH.search(f"{kind.__doc__} {error.advice}".lower())
        assert error.as_dict()["codigo_salida"] == kind.exit_code


def test_the_installed_command_speaks_as_well() -> None:
    """`python -m robot` in a process of its own answers a mistake the same way, with one Spanish sentence."""
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "robot", "nada"], cwd=root, capture_output=True, encoding="utf-8", check=False
    )
    assert (run.returncode, run.stdout) == (64, "")
    assert run.stderr == "No existe el comando «nada».\nVea «serviweb --help».\n"
