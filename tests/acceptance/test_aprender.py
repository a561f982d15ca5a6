"""Somebody who knows Serviweb teaches a whole map by pointing, in both sittings, and the robot then works with it."""

from __future__ import annotations

import os
import shutil
import signal
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alumna import Alumna, screen
from desk import Desk
from mock_client import Control, started
from terminal import Terminal

from flows.controles import OPTIONAL, REQUIRED
from flows.recorrido import RECORRIDO
from robot.aprender import lesson, map_of, missing
from robot.browser.maps import load as load_map
from robot.browser.session import VIEWPORT, browser_of
from robot.browser.teaching.saving import Saving
from robot.browser.teaching.teacher import Teacher
from robot.errors import SettingsError
from robot.records.revision_mapa import historia
from robot.records.store.engine import open_store
from robot.resources import map_folder
from robot.settings import Settings, load
from robot.work.archivo import DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Office
    from playwright.async_api import Browser

PHOTOS = Path(__file__).parents[2] / "docs" / "imagenes" / "mapear"
PHOTOGRAPHED = ("factura.guardar", "abono.buscar_suscriptores", "factura.opcion_factura", "consulta.factura_numero")
WRITES = ("tercero.guardar", "factura.guardar", "abono.generar", "tramite.guardar")
RULES: dict[str, bool | str] = {
    "consulta, que no guarda": True,
    "fallar una vez": True,
    "para después": True,
    "de verdad": True,
    "¿Serviweb guardó": True,
    "se pagó en la caja el": True,
    "consultas de las facturas": True,
    "NO se ha pagado": "Pendiente",
    "YA se pagó": "Pagado",
    "que no tenga ninguno": "100310",
    "con facturas, recibos": "",
    "un suscriptor retirado": "100500",
    "dice Serviweb que NO guardó": "",
    "¿Ese aviso sale": True,
    "También es un aviso": True,
    "aviso sin importancia": False,
}


class PulledPlugError(Exception):
    """The program ended in the middle of a question."""


@dataclass
class School:
    """A Serviweb that nobody has mapped, a folder for its map, and who teaches it."""

    url: str
    control: Control
    folder: Path
    data: Path
    knows: str
    do: Callable[..., Any]
    taught: dict[str, Alumna] = field(default_factory=dict)
    first_posts: dict[str, int] = field(default_factory=dict)
    second_posts: dict[str, int] = field(default_factory=dict)

    def settings(self) -> Settings:
        """Return the settings of this installation."""
        return load(
            url=f"{self.url}/",
            usuario="asesor1",
            clave="clave-asesor1",
            visible=True,
            prueba_codigo="100234",
            prueba_documento="CC:40781234",
            carpeta=self.data,
            minimo_disco_mb=0,
        )

    def sit(self, name: str, *, second: bool = False, only: str = "", **about: Any) -> Alumna:
        """Hold one sitting."""
        about = {"pay": self.control.pay, "rules": RULES, **about}
        alumna = Alumna(load_map(map_folder(self.knows), REQUIRED, OPTIONAL), **about)
        self.taught[name] = alumna
        self.do(self._sitting(alumna, second=second, only=only))
        return alumna

    async def _sitting(self, alumna: Alumna, *, second: bool, only: str) -> None:
        new = {
            "documento_nuevo": "17634567",
            "nombres": "José Ángel",
            "apellidos": "Ñáñez Muñoz",
            "celular": "3104567890",
        }
        if second:
            new["codigo"] = "100234"
        async with browser_of(self.settings()) as browser:
            context = await browser.new_context(viewport=VIEWPORT, locale="es-CO", service_workers="block")
            context.set_default_timeout(8000)
            alumna.context = context
            plan = lesson(self.settings(), only=only, second=second, **new)
            teacher = (Saving if second else Teacher)(context, alumna, map_of(self.folder), plan)
            await teacher.open()
            await teacher.walk()
            await context.close()

    def posts(self) -> dict[str, int]:
        """Return how many requests reached each route that saves."""
        return {route: int(self.control.ledger()["posts"][route]) for route in WRITES}


@pytest.fixture(scope="module")
def shown() -> Iterator[None]:
    """Give the browser a screen, and no settings of whoever runs the tests."""
    with screen() as display, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SERVIWEB_") and name != "SERVIWEB_NAVEGADOR"]:
            patch.delenv(name)
        patch.setenv("DISPLAY", display)
        yield


@pytest.fixture(scope="module")
def school(shown: None, do: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:  # noqa: ARG001
    """Teach the whole map of the old Serviweb from nothing, in both sittings."""
    place = tmp_path_factory.mktemp("escuela")
    with (
        started("--control", "--variant", "clasico") as url,
        Control(url) as control,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.chdir(place)
        control.reset()
        school = School(url, control, place / "mapa-propio", place / "datos", "mock-clasico", do)
        photos = PHOTOS if os.environ.get("FOTOS") else place
        school.sit("primera", photos=photos, photographed=PHOTOGRAPHED)
        school.first_posts = school.posts()
        school.sit("segunda", second=True, photos=photos, photographed=PHOTOGRAPHED)
        school.second_posts = school.posts()
        yield school


def test_the_first_sitting_saves_nothing(school: School) -> None:
    """Every screen was walked, forms were filled, and no write reached Serviweb."""
    assert school.first_posts == dict.fromkeys(WRITES, 0)
    assert not [title for title in school.taught["primera"].asked if _stop(title).tras]


def test_the_second_sitting_saves_each_document_once(school: School) -> None:
    """One yes, one save: exactly one of each, and the person saw what would be saved before each."""
    assert school.second_posts == dict.fromkeys(WRITES, 1)
    said, asked = "\n".join(school.taught["segunda"].said), school.taught["segunda"].questions
    assert sum("de verdad" in question for question in asked) == 4
    assert "codigo: 100234" in said
    assert "causal: RECONEXIÓN DEL SERVICIO" in said
    assert "17634567" not in said  # of a tercero's document the terminal shows that there is one


def test_the_map_is_whole(school: School) -> None:
    """It loads as any map does, with everything that the flows need; what nobody saw is marked."""
    maps = load_map(school.folder, REQUIRED, OPTIONAL)
    assert missing(map_of(school.folder)) == []
    unseen = [control.title for control in maps.controls() if control.css == "no-se-ha-visto"]
    assert unseen == [f"{screen}.rechazo" for screen in ("abono", "factura", "tercero", "tramite")]


def test_no_generated_id_stands_in_it(school: School) -> None:
    """The ids of this Serviweb differ on each load, so what is beside a caption is found by its caption."""
    written = "".join(path.read_text("utf-8") for path in school.folder.glob("*.toml"))
    assert "ctl00" not in written
    assert "[id=" not in written
    codigo = tomllib.loads((school.folder / "factura.toml").read_text("utf-8"))["codigo"]
    assert codigo["css"] == 'td:text-is("Código:") + td input[type="text"]'
    assert codigo["frame"] == ['iframe[name="marco"]', 'iframe[name="trabajo"]']


def test_how_controls_behave_was_found_out(school: School) -> None:
    """Hover menus, windows, native boxes, what look-ups send, and how papers come out: nobody wrote it."""
    maps = load_map(school.folder, REQUIRED, OPTIONAL)
    control = maps.control
    assert {
        control(f"{screen}.menu_{menu}").menu for screen, menu in (("factura", "suscriptor"), ("abono", "recaudo"))
    } == {"hover"}
    assert control("tercero.nuevo_tercero").opens == control("abono.lupa_facturas").opens == "popup"
    assert control("tercero.nombres").window == "nuevo_tercero"
    assert control("factura.aviso").where == control("abono.confirmacion").where == "dialog"
    assert control("abono.confirmacion").dialog == "native"
    assert control("tramite.numero").where == "dialog"
    assert control("factura.imprimir").opens == control("tramite.imprimir").opens == "print"
    assert control("factura.codigo").posts == ("**/Factura.aspx",)
    assert control("tercero.guardar").writes == ("**/NuevoTercero.aspx",)
    assert control("factura.guardar").writes == ()  # its address serves look-ups too
    assert control("factura.aviso").pattern
    assert control("factura.aviso").pattern.search("El suscriptor 100500 está retirado.")
    assert control("abono.confirmacion").pattern
    assert control("abono.confirmacion").pattern.search("… por $ 9.900 a la factura F-000777 del suscriptor 5?") is None


def test_who_pointed_at_what_is_kept(school: School) -> None:
    """Each control says beside it what it is, by whom and when; the history has a line for each."""
    text = (school.folder / "factura.toml").read_text("utf-8")
    assert "# El botón Guardar. Paso 14.\n# Lo señaló alumna el " in text
    told = {line["control"]: line for line in historia(school.folder)}
    assert {control.title for control in load_map(school.folder).controls()} <= told.keys()
    assert told["factura.guardar"]["quien"] == "alumna"
    assert told["factura.guardar"]["despues"]["name"] == "Guardar"


def test_a_whole_case_runs_on_it(school: School, robot_browser: Browser, tmp_path: Path) -> None:
    """Factura with a new tercero, abono, payment and trámite: with the taught map, judged by Serviweb's ledger."""
    settings = school.settings().model_copy(
        update={"visible": False, "carpeta": tmp_path / "datos", "evidencia": "ninguna"}
    )
    maps = load_map(school.folder, REQUIRED, OPTIONAL)
    before = school.control.ledger()
    with open_store(settings.carpeta / DATABASE) as store:
        desk = Desk(school.control, settings, maps, robot_browser, school.do, store)
        solicitud = desk.request("100310", documento="1117000999", nombres="Luz Marina", apellidos="Prada Prada")
        outcome = desk.cobro(solicitud)
        assert outcome.error is None, outcome.error
        desk.paid(outcome.caso)
        done = desk.tramite(outcome.caso, solicitud)
        assert done.error is None, done.error
        assert done.caso.estado == "terminado"
        [factura], [abono], [tramite] = (desk.new(kind, before) for kind in ("facturas", "abonos", "tramites"))
        assert factura["productos"] == ["CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"]
        assert abono["factura"] == factura["number"]
        assert tramite["codigo"] == "100310"
        [tercero] = desk.new("terceros", before)
        assert (tercero["documento"], tercero["apellidos"]) == ("1117000999", "PRADA PRADA")
        assert done.caso.papers().keys() == {"solicitud-factura", "recibo-abono", "solicitud-tramite"}


def test_it_goes_on_where_it_was_interrupted(school: School, tmp_path: Path) -> None:
    """What was taught when the program ended is there, and is not asked for again."""
    other = School(school.url, school.control, tmp_path / "mapa", tmp_path / "datos", "mock-clasico", school.do)
    before = other.posts()
    with pytest.raises(PulledPlugError):
        other.sit("una", stop_at="factura.codigo", plug=PulledPlugError)
    assert "factura.forma_pago" in other.taught["una"].asked
    written = {path.name: path.read_text("utf-8") for path in other.folder.glob("*.toml")}
    assert set(written) == {"mapa.toml", "ingreso.toml", "factura.toml"}
    with pytest.raises(PulledPlugError):
        other.sit("dos", stop_at="factura.ruta", plug=PulledPlugError)
    assert other.taught["dos"].asked == ["factura.codigo", "factura.suscriptor"]
    assert (other.folder / "factura.toml").read_text("utf-8").startswith(written["factura.toml"].rstrip())
    assert other.posts() == before


def test_one_control_can_be_taught_again(school: School, tmp_path: Path) -> None:
    """After Serviweb changed one button, a person points at that one alone; all else stays as it is."""
    folder = shutil.copytree(school.folder, tmp_path / "mapa")
    path = folder / "factura.toml"
    good = path.read_text("utf-8")
    path.write_text(good.replace('name = "Guardar"', 'name = "Grabar"'), "utf-8")
    other = School(school.url, school.control, folder, tmp_path / "datos", "mock-clasico", school.do)
    before = other.posts()
    alumna = other.sit("otra vez", only="factura.guardar")
    assert alumna.asked == ["factura.guardar"]
    assert tomllib.loads(path.read_text("utf-8")) == tomllib.loads(good)
    last = historia(folder)[-1]
    assert (last["control"], last["antes"]["name"], last["despues"]["name"]) == ("factura.guardar", "Grabar", "Guardar")
    assert last["motivo"] == "enseñado otra vez"
    assert other.posts() == before


def test_a_refusal_that_is_seen_can_be_taught(school: School, tmp_path: Path) -> None:
    """A save that Serviweb refuses shows the notice: from then on such a text means that nothing was saved."""
    folder = shutil.copytree(school.folder, tmp_path / "mapa")
    other = School(school.url, school.control, folder, tmp_path / "datos", "mock-clasico", school.do)
    before = len(school.control.ledger()["tramites"])
    rules = RULES | {"¿Serviweb guardó": False}
    alumna = other.sit("rechazo", second=True, only="tramite.rechazo", rules=rules, pay=None)
    assert alumna.asked == []
    refusal = load_map(folder, REQUIRED, OPTIONAL).control("tramite.rechazo")
    assert (refusal.where, refusal.appears) == ("dialog", "after_save")
    assert refusal.pattern
    assert refusal.pattern.pattern == "^No se guardó: (.+)$"
    assert len(school.control.ledger()["tramites"]) == before


def test_a_control_that_exists_only_after_a_save_needs_the_second_sitting(school: School) -> None:
    """It says so instead of walking there for nothing."""
    with pytest.raises(SettingsError, match="solo existe después de guardar"):
        lesson(school.settings(), only="factura.numero")


def test_nothing_is_ever_saved_to_the_subscriber_of_the_check(school: School) -> None:
    """The second sitting saves to the subscriber that the settings name for it, or asks; never to the other one."""
    settings = school.settings().model_copy(update={"prueba_codigo": "100234"})
    assert lesson(settings).values["codigo"] == "100234"
    assert "codigo" not in lesson(settings, second=True).values
    named = settings.model_copy(update={"prueba_guardar": "100310"})
    assert lesson(named, second=True).values["codigo"] == "100310"
    with pytest.raises(SettingsError, match="no pueden ser el mismo"):
        lesson(settings.model_copy(update={"prueba_guardar": "100234"}), second=True)


def test_it_is_a_conversation(office: Office) -> None:
    """Without a person at a terminal it says so and opens nothing; a map that comes with the program stays as it is."""
    said = office.run("selectores", "aprender", "--mapa", "mapa-propio")
    assert said.code == 2
    assert "hace falta una persona en una terminal" in said.err
    assert not (office.folder / "mapa-propio").exists()
    said = office.run("selectores", "aprender", "--mapa", "mock")
    assert said.code == 2
    assert "viene con el programa y no se cambia aquí" in said.err


def test_the_command_asks_at_a_terminal_and_ends_with_ctrl_c(office: Office, shown: None) -> None:  # noqa: ARG001
    """The real command opens the browser, proves that saving is blocked, asks for the first control, can be left."""
    office.environment["DISPLAY"] = os.environ["DISPLAY"]
    arguments = ("selectores", "aprender", "--mapa", "mapa-propio", "--quien", "Paola")
    with Terminal() as terminal, office.start(*arguments, before=terminal.before) as process:
        terminal.until("señale el campo donde escribe su usuario")
        assert "Guardado bloqueado: comprobado" in terminal.shown
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert tomllib.loads((office.folder / "mapa-propio" / "mapa.toml").read_text("utf-8"))["nombre"] == "mapa-propio"
    assert all(posts == 0 for route, posts in office.control.ledger()["posts"].items())


def test_the_pictures_of_the_guide_are_there() -> None:
    """docs/mapear-un-serviweb.md shows what this test saw; FOTOS=1 takes them again."""
    for title in PHOTOGRAPHED:
        assert (PHOTOS / f"{title.replace('.', '-')}.png").is_file()


def _stop(title: str) -> Any:
    return next(stop for stop in RECORRIDO if stop.titulo == title and stop.dice)
