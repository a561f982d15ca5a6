"""A map is loaded whole and found wanting whole: every fault at once, with its file and its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot.browser.maps import Map, load
from robot.errors import SettingsError
from robot.resources import map_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of an empty map."""
    (tmp_path / "mapa.toml").write_text('nombre = "banco"\n', encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "forma") -> None:
    """Write one screen of the map."""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def faults(folder: Path, required: dict[str, frozenset[str]] | None = None) -> list[str]:
    """Return the lines of the error that the map gives."""
    with pytest.raises(SettingsError) as wrong:
        load(folder, required)
    return [line.strip() for line in wrong.value.reason.splitlines()[1:]]


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ('role = "button"\nlabel = "Guardar"', "exactamente una"),
        ('css = "#a"\ntest_id = "a"\ntext = "A"', "tiene text, test_id, css"),
        ("private = true", "tiene ninguna"),
        ('label = ""', "«label» debe ser un texto"),
        ("label = 3", "«label» debe ser un texto"),
        ('label = "A"\nnombre = "B"', "«nombre» no es una clave conocida"),
        ('label = "A"\nscreen = "B"', "«screen» no es una clave conocida"),
        ('label = "A"\nkey = "B"', "«key» no es una clave conocida"),
        ('label = "A"\nhas_text = false', "«has_text» no es una clave conocida"),
        ('label = "A"\nname = "B"', "«name» solo va con «role»"),
        ('label = "A"\nmany = "si"', "«many» debe ser true o false"),
        ('label = "A"\ngate = 0', "«gate» debe ser true o false"),
        ('label = "A"\nopens = "tab"', "«opens» debe ser uno de popup"),
        ('label = "A"\ndialog = "alert"', "«dialog» debe ser uno de native"),
        ('label = "A"\nopens = ["popup"]', "«opens» debe ser uno de popup"),
        ('label = "A"\npattern = "("', "no es una expresión regular"),
        ('label = "A"\npattern = "F-1"', "un solo grupo"),
        ('label = "A"\npattern = "(F)-(1)"', "un solo grupo"),
        ('label = "A"\nwrites = []', "«writes» debe ser un texto o una lista"),
        ('label = "A"\nframe = ["a", 3]', "«frame» debe ser un texto o una lista"),
        ('label = "A"\nwithin = "nada"', "«nada» no está en este mapa"),
        ('label = "A"\nwithin = "a"', "da una vuelta"),
        ('label = "A"\nwithin = "b"\nframe = "iframe"\n[b]\nlabel = "B"', "quite «frame»"),
        ('label = "A"\nwithin = "b"\nwindow = "b"\n[b]\nlabel = "B"\nopens = "popup"', "quite «window»"),
        ('label = "A"\nwindow = "b"', "window = «b» no está en este mapa"),
        ('label = "A"\nwindow = "b"\n[b]\nlabel = "B"', "le falta opens = «popup»"),
        ('label = "A"\nwidget = "typeahead"', "«options» va con widget"),
        ('label = "A"\noptions = "b"\n[b]\nlabel = "B"', "«options» va con widget"),
        ('label = "A"\nwidget = "typeahead"\noptions = "b"', "options = «b» no está en este mapa"),
        ('label = "A"\nin = "dialogo"', "«in» debe ser uno de page, dialog, toast"),
        ('in = "dialog"', "lleva «pattern» y ninguna forma de buscarlo"),
        ('label = "A"\nin = "dialog"\npattern = "(.+)"', "lleva «pattern» y ninguna forma de buscarlo"),
        ('label = "A"\nposts = 3', "«posts» debe ser un texto o una lista"),
        ('label = "A"\nwhere = "page"', "«where» no es una clave conocida"),
    ],
)
def test_each_fault_of_a_control_names_file_and_key(folder: Path, spec: str, fault: str) -> None:
    """What is wrong with a control is told with its file and its key."""
    write(folder, f"[a]\n{spec}\n")
    lines = faults(folder)
    assert all(line.startswith("forma.toml [a]: ") for line in lines)
    assert any(fault in line for line in lines)


def test_all_faults_of_all_files_come_at_once(folder: Path) -> None:
    """One error names every fault of the folder: site file, screens, controls, what is missing."""
    (folder / "mapa.toml").write_text('shared_session = "no"\notra = 1\n', encoding="utf-8")
    write(folder, '[a]\nlabel = "A"\ncss = "#a"\n[b]\nnada = 1\nlabel = "B"\n')
    write(folder, "[código]\n", "mala")
    (folder / "latina.toml").write_bytes('[a]\nlabel = "Código"\n'.encode("latin-1"))
    write(folder, 'suelto = "x"\n', "plana")
    lines = faults(folder, {"forma": frozenset({"a", "c"}), "falta": frozenset({"d"})})
    for part in (
        "mapa.toml: «shared_session»",
        "mapa.toml: «otra»",
        "forma.toml [a]: necesita exactamente una",
        "forma.toml [b]: «nada» no es una clave conocida",
        "forma.toml: falta el control [c]",
        "mala.toml: no se puede leer",
        "latina.toml: no se puede leer",
        "plana.toml [suelto]: debe ser una tabla",
        "falta.toml: falta la pantalla",
    ):
        assert len([line for line in lines if line.startswith(part)]) == 1, part
    assert len(lines) == 9


def test_a_longer_loop_of_containers_is_found(folder: Path) -> None:
    """Controls that stand within each other are told, and the loader ends."""
    write(folder, '[a]\ncss = "a"\nwithin = "b"\n[b]\ncss = "b"\nwithin = "c"\n[c]\ncss = "c"\nwithin = "a"\n')
    assert [line.partition(":")[0] for line in faults(folder)] == [f"forma.toml [{key}]" for key in "abc"]


def test_a_folder_without_its_site_file_is_no_map(tmp_path: Path) -> None:
    """A wrong path is told as such, not as a map without screens."""
    with pytest.raises(SettingsError, match=r"falta mapa\.toml"):
        load(tmp_path)
    with pytest.raises(SettingsError, match=r"falta mapa\.toml"):
        load(map_folder("no-existe"))


def test_a_control_keeps_all_that_its_map_says(folder: Path) -> None:
    """Every key of a control reaches the robot, lists and single texts alike."""
    write(
        folder,
        r"""screen = "Suscriptor → Factura"
checked = "mock"
[a]
role = "button"
name = "Guardar"
frame = ["#uno", "#dos"]
writes = "**/guardar"
pattern = '^(F-\d+)$'
opens = "pdf"
dialog = "native"
menu = "hover"
widget = "typeahead"
options = "b"
window = "c"
in = "toast"
fades = true
virtual = true
posts = "**/buscar"
appears = "after_save"
text = false
many = true
private = true
loose = true
gate = false
[b]
css = "li"
many = true
[c]
label = "Lupa"
opens = "popup"
[d]
within = "a"
text = "D"
[e]
in = "dialog"
pattern = 'número (\d+)'
""",
    )
    maps = load(folder, {"forma": frozenset({"a"})})
    a = maps.control("forma.a")
    assert maps.titles == {"forma": "Suscriptor → Factura"}
    assert (a.title, a.role, a.name, a.frame, a.writes) == (
        "forma.a",
        "button",
        "Guardar",
        ("#uno", "#dos"),
        ("**/guardar",),
    )
    assert (a.opens, a.dialog, a.menu, a.widget, a.appears) == ("pdf", "native", "hover", "typeahead", "after_save")
    assert (a.has_text, a.many, a.private, a.loose, a.gate) == (False, True, True, True, False)
    assert (a.options, a.window, a.where, a.fades, a.virtual) == ("b", "c", "toast", True, True)
    assert a.posts == ("**/buscar",)
    assert a.pattern is not None
    assert a.text is None
    assert maps.control("forma.d").window == "c"
    assert maps.control("forma.e").where == "dialog"


@pytest.mark.parametrize(
    ("site", "fault"),
    [
        ("[[avisos]]\npattern = 'x'", "falta cerrar, cuadro"),
        ("[[avisos]]\npattern = 'x'\ndialog = 'toast'", "«dialog» debe ser uno de"),
        ("[[avisos]]\npattern = '('\ndialog = 'native'", "no es una expresión regular"),
        ("[[avisos]]\npattern = 'x'\ndialog = 'native'\nboton = 'y'", "y nada más"),
        ("avisos = ['x']", "y nada más"),
        ("ocupado = 3", "«ocupado» no es una clave conocida o no es del tipo debido"),
    ],
)
def test_what_holds_for_the_site_is_checked_too(folder: Path, site: str, fault: str) -> None:
    """A known box of the site without its way to be closed, or a veil that is no selector, is a fault of the map."""
    (folder / "mapa.toml").write_text(f"{site}\n", encoding="utf-8")
    (found,) = faults(folder)
    assert fault in found


def test_the_hash_of_a_map_is_that_of_its_files(folder: Path) -> None:
    """Any change of any file changes the map's hash, which a case keeps; the folder's place doesn't."""

    def digest() -> str:
        made: Map = load(folder)
        return made.sha256

    write(folder, '[a]\nlabel = "A"\n')
    first = digest()
    write(folder, '[a]\nlabel = "B"\n')
    second = digest()
    (folder / "mapa.toml").write_text('nombre = "banco"\ninicio = "/x"\n', encoding="utf-8")
    assert len({first, second, digest()}) == 3
    write(folder, '[a]\nlabel = "A"\n')
    (folder / "mapa.toml").write_text('nombre = "banco"\n', encoding="utf-8")
    assert digest() == first
