"""The house stays honest: imports point down, steps are the procedure's, maps hold what the flows use."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flows.controles import OPTIONAL, OPTIONAL_CONTROLS, REQUIRED
from flows.pasos import pasos
from flows.recorrido import RECORRIDO
from robot.browser.maps import load

ROOT = Path(__file__).parents[1]
OURS = ("robot", "flows", "mock_serviweb")
# Low to high; a module may import what stands lower, or in its own layer.
LAYERS = (
    ("robot.errors", "robot.__init__"),
    ("robot.settings", "robot.text", "robot.masking", "robot.recording", "robot.resources"),
    ("robot.records", "robot.browser"),
    ("flows",),
    ("robot.work",),
    (
        "robot.console",
        "robot.aprobacion",
        "robot.consola_cola",
        "robot.expedientes",
        "robot.estado_cola",
        "robot.seguimiento",
        "robot.office",
        "robot.pagos",
        "robot.papeles",
        "robot.colas",
        "robot.dudas",
        "robot.aprender",
        "robot.auditoria",
        "robot.conciliacion",
        "robot.recuperacion",
        "robot.registro",
        "robot.revision",
        "robot.selectores",
        "robot.demo",
        "robot.demo_lote",
        "robot.diagnostico",
        "robot.mock",
        "robot.spanish",
        "robot.usuarios_panel",
    ),
    ("robot.panel",),
    ("robot.cli",),
    ("robot.__main__",),
)
DECLARED = {
    screen: set(names | OPTIONAL_CONTROLS.get(screen, frozenset())) for screen, names in (REQUIRED | OPTIONAL).items()
}
DOCUMENTS = ("ingreso", "factura", "abono", "tramite")


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files(*packages: str) -> list[Path]:
    """Return the Python files of these packages."""
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    assert found
    return found


def module(path: Path) -> str:
    """Return the dotted name of a file."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name if name == "robot.__init__" else name.removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Yield what a file imports, at its top or anywhere, as dotted names; a package's members one by one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            for alias in node.names:
                member = f"{base}.{alias.name}"
                place = ROOT / Path(*member.split("."))
                is_module = place.is_dir() or place.with_suffix(".py").exists()
                yield member if is_module else "robot.__init__" if base == "robot" else base


def layer(name: str) -> int:
    """Return the layer of one of our modules."""
    for height, members in enumerate(LAYERS):
        if any(name == member or name.startswith(f"{member}.") for member in members):
            return height
    raise AssertionError(f"{name} stands in no layer: name it in LAYERS")


def within(name: str, package: str) -> bool:
    """Say whether a module is a package or stands in it."""
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", files("robot", "flows"), ids=module)
def test_imports_point_down(path: Path) -> None:
    """No module imports one of a higher layer; the wings *records* and *browser* don't know each other."""
    name = module(path)
    used = set(imports(path))
    higher = [other for other in used if within(other, "robot") or within(other, "flows")]
    assert [other for other in higher if layer(other) > layer(name)] == []
    if within(name, "robot.records"):
        assert [other for other in used if within(other, "robot.browser") or within(other, "playwright")] == []
    if within(name, "robot.browser"):
        assert [other for other in used if within(other, "robot.records") or within(other, "flows")] == []
    assert [other for other in used if within(other, "mock_serviweb")] == []


def test_the_mock_is_alone() -> None:
    """The bundled Serviweb imports nothing of ours."""
    for path in files("mock_serviweb"):
        assert [n for n in imports(path) if within(n, "robot") or within(n, "flows")] == [], path


def test_only_the_worker_retries() -> None:
    """Nothing but the worker imports tenacity."""
    assert [module(p) for p in files(*OURS) if any(within(n, "tenacity") for n in imports(p))] == ["robot.work.worker"]


def test_the_environment_is_read_in_one_place() -> None:
    """os.environ and os.getenv stand in settings.py, and where a browser is looked for or its driver is told."""
    allowed = {"robot.settings", "robot.browser.session", "robot.browser.executable"}
    reading = re.compile(r"\bos\.(environb?|getenv|putenv)\b|from os import .*\b(environ|getenv)\b")
    found = {module(path) for path in files("robot", "flows") if reading.search(path.read_text(encoding="utf-8"))}
    assert found == allowed
    session = (ROOT / "robot/browser/session.py").read_text(encoding="utf-8")
    assert reading.findall(session) == [("environ", "")]
    assert 'os.environ.setdefault("NODE_USE_SYSTEM_CA", "1")' in session


def calls(path: Path, verb: str) -> list[ast.Call]:
    """Return the calls `run.<verb>(…)` of a file, in order."""
    found = [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == verb
    ]
    runs = [c for c in found if isinstance(c.func, ast.Attribute) and getattr(c.func.value, "id", "") == "run"]
    return sorted(runs, key=lambda call: (call.lineno, call.col_offset))


def test_the_steps_are_the_procedures() -> None:
    """The flows hold the robot's documented steps, each once and in order, written as plain numbers."""
    steps: list[str] = []
    for path in files("flows"):
        assert path.stem in DOCUMENTS or not calls(path, "step"), f"{path.name}: no documented flow"
    for name in DOCUMENTS:
        for call in calls(ROOT / "flows" / f"{name}.py", "step"):
            assert isinstance(call.args[0], ast.Constant), f"{name}:{call.lineno}"
            steps.append(str(call.args[0].value))
    assert steps == [paso.paso for paso in pasos() if paso.hace == "robot"]
    assert [paso.paso for paso in pasos()] == [*map(str, range(1, 23)), "22 bis", *map(str, range(23, 38))]


def test_no_loop_runs_over_documented_steps() -> None:
    """No step stands in a loop: a flow is the procedure unrolled."""
    for path in files("flows"):
        for loop in (n for n in ast.walk(tree(path)) if isinstance(n, (ast.For, ast.AsyncFor, ast.While))):
            inside = {id(node) for node in ast.walk(loop)}
            assert not [c for c in calls(path, "step") + calls(path, "commit") if id(c) in inside], path


def test_there_are_four_points_of_no_return() -> None:
    """`run.commit(` stands four times in the whole code: tercero, factura, abono, trámite, each in its effect."""
    found = [path.stem for path in files(*OURS) for _ in range(path.read_text(encoding="utf-8").count("run.commit("))]
    assert sorted(found) == ["abono", "factura", "tercero", "tramite"]
    effects = {path.stem: [c.args[0].value for c in calls(path, "effect")] for path in files("flows")}
    assert {name: kinds for name, kinds in effects.items() if kinds} == {
        name: [name] for name in ("abono", "factura", "tercero", "tramite")
    }


def used_controls() -> dict[str, set[str]]:
    """Return the controls that the flows use, per screen.

    As `ui["x"]`, `run.screen("s")["x"]`, `ui.text("x")`, `ui.declared("x")` or by name beside it: `run.open(ui, "x")`.
    """
    used: dict[str, set[str]] = {}
    for path in files("flows"):
        for function in (n for n in ast.walk(tree(path)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))):
            names: dict[str, str] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and (screen := _screen(node.value, names)):
                    names[ast.unparse(node.targets[0])] = screen
            for node in ast.walk(function):
                if isinstance(node, ast.Subscript) and (screen := _screen(node.value, names)):
                    # A key in a variable is one of the names that the function spells out beside it.
                    keys = [node.slice] if isinstance(node.slice, ast.Constant) else _spelled(function, node.slice)
                    used.setdefault(screen, set()).update(str(key.value) for key in keys)
                if not isinstance(node, ast.Call):
                    continue
                asked = getattr(node.func, "attr", "") in ("text", "declared")
                screen = _screen(node.func.value, names) if asked else None
                if screen := screen or next((s for arg in node.args if (s := _screen(arg, names))), None):
                    named = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                    assert named, ast.unparse(node)
                    used.setdefault(screen, set()).update(map(str, named))
    return used


def _screen(node: ast.AST, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "run.screen":
        assert isinstance(node.args[0], ast.Constant)
        return str(node.args[0].value)
    return None


def _spelled(function: ast.AST, key: ast.expr) -> list[ast.Constant]:
    """Return the constants that a `for key in (…)` of the function gives the variable."""
    for loop in (n for n in ast.walk(function) if isinstance(n, ast.For)):
        if ast.unparse(loop.target) == ast.unparse(key) and isinstance(loop.iter, (ast.Tuple, ast.List)):
            return [element for element in loop.iter.elts if isinstance(element, ast.Constant)]
    raise AssertionError(f"{ast.unparse(key)}: a control's name must be readable")


def test_the_controls_are_those_that_the_flows_use() -> None:
    """flows/controles.py names exactly the controls that the flows touch."""
    assert used_controls() == DECLARED


def test_the_walk_meets_every_control() -> None:
    """What is taught and checked is what the flows use, and what exists only after a save is never clicked."""
    met: dict[str, set[str]] = {}
    for parada in RECORRIDO:
        met.setdefault(parada.pantalla, set()).add(parada.control)
        assert not ((parada.tras or parada.efecto) and parada.luego), parada
        assert parada.opcional == (parada.control in OPTIONAL_CONTROLS.get(parada.pantalla, ())), parada
    assert met == DECLARED
    documented = {paso.paso for paso in pasos()}
    assert {parada.paso for parada in RECORRIDO} <= {*documented, ""}


@pytest.mark.parametrize(
    "folder", sorted(p for p in (ROOT / "selectors").iterdir() if p.is_dir()), ids=lambda p: p.name
)
def test_a_map_declares_what_is_used_and_no_more(folder: Path) -> None:
    """A map loads whole, and holds used controls, those that contain them, and private ones to be blurred."""
    maps = load(folder, REQUIRED, OPTIONAL)
    assert set(REQUIRED) <= set(maps.screens) <= set(REQUIRED | OPTIONAL)
    for screen, controls in maps.screens.items():
        holders = {c.within for c in controls.values() if c.within}
        private = {key for key, c in controls.items() if c.private}
        options = {c.options for c in controls.values() if c.options}
        assert set(controls) - DECLARED[screen] - holders - private - options == set(), screen


def test_each_write_is_named_by_the_mock_map() -> None:
    """The four controls that commit name the address they write to, or look-ups would count as writes."""
    maps = load(ROOT / "selectors" / "mock", REQUIRED, OPTIONAL)
    writing = {control.title for control in maps.controls() if control.writes}
    assert writing == {"factura.guardar", "tercero.guardar", "abono.generar", "tramite.guardar"}


def test_selectors_hold_data_only() -> None:
    """`selectors` is a standard module's name: the folder holds TOML, fingerprints, and nothing else."""
    found = {path.suffix for path in (ROOT / "selectors").rglob("*") if path.is_file()}
    assert found == {".toml", ".json"}
    for path in (ROOT / "selectors").rglob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_robot_knows_no_variant() -> None:
    """No file of the robot or the flows names a variant of the bundled Serviweb: they differ in their maps alone."""
    variants = {p.name for p in (ROOT / "mock_serviweb" / "pages").iterdir() if p.is_dir() and p.name != "__pycache__"}
    # `cambiado` is a plain word too: when a case changed, what became of a control.
    assert variants > {"cambiado"}
    word = re.compile(rf"\b({'|'.join(variants - {'cambiado'})})\b|variant\w*.{{1,3}}cambiado", re.IGNORECASE)
    named = [
        p for package in ("robot", "flows") for p in (ROOT / package).rglob("*") if p.suffix in (".py", ".toml", ".js")
    ]
    assert [p for p in named if "web" not in p.parts and word.search(p.read_text(encoding="utf-8"))] == []


def test_nothing_goes_back_after_a_commit() -> None:
    """No reload, no going back and no blind wait stand in robot or flows."""
    forbidden = re.compile(r"\.(reload|go_back|go_forward|wait_for_timeout)\(|networkidle|time\.sleep\(")
    assert [p for p in files("robot", "flows") if forbidden.search(p.read_text(encoding="utf-8"))] == []
