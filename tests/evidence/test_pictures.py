"""Pictures: rendered ones are of their step's end, real ones are covered."""

from __future__ import annotations

import asyncio
import io
from itertools import pairwise
from pathlib import Path

import leaky_site as leaky
import pytest
import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from leaks import leaks, read_picture
from PIL import Image, ImageChops, ImageFilter, ImageStat
from playwright.async_api import Browser, Page
from sample import Do

from robot.browser.covered import PictureError, Rect, joined
from robot.browser.evidence import Recorder
from robot.browser.pictures import render
from robot.masking import Masker

SAME = 1.5  # mean difference of two pictures of the same moment, of 255; a step's change makes several times as much


def difference(one: Path | bytes, other: Path | bytes) -> float:
    """Return how much two pictures differ, without regard to how letters are smoothed."""
    images = [Image.open(io.BytesIO(p) if isinstance(p, bytes) else p).convert("L") for p in (one, other)]
    soft = [image.filter(ImageFilter.GaussianBlur(2)) for image in images]
    return float(ImageStat.Stat(ImageChops.difference(*soft)).rms[0])


def test_each_picture_is_of_its_steps_end(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """A rendered picture equals the real pixels of that moment; the picture of the step before would not pass."""
    real: dict[str, bytes] = {}

    async def work() -> None:
        recorder = Recorder(mode="grabacion", private=())
        context = await robot_browser.new_context(viewport=sample.VIEWPORT)  # type: ignore[arg-type]
        await recorder.attach(context)
        page = await context.new_page()
        await recorder.start(tmp_path, Masker(), page)
        steps = [
            ("4", page.goto(f"{site}/pasos")),
            ("6", page.locator("#codigo").fill("1020304")),
            ("8", page.locator("select").select_option("RECONEXIÓN DEL SERVICIO")),
            ("9", page.get_by_role("button", name="Agregar").click()),
            ("13", page.locator("textarea").fill("Reconexión por pago de la deuda")),
            ("22 bis", page.locator("#otro").check()),
            ("24", page.goto(f"{site}/abono")),
        ]
        for number, action in steps:
            recorder.step_started(number, f"Paso {number}")
            await action
            await recorder.step_finished(number)
            real[number] = await page.screenshot()
        await recorder.stop()
        await context.close()

    do(work())
    files = do(render(tmp_path, robot_browser))
    assert [path.name for path in files.values()] == [
        "paso-04.png", "paso-06.png", "paso-08.png", "paso-09.png", "paso-13.png", "paso-22-bis.png", "paso-24.png",
    ]  # fmt: skip
    numbers = list(real)
    for number in numbers:
        assert difference(files[number], real[number]) < SAME, number
    for before, number in pairwise(numbers):
        assert difference(files[before], real[number]) > SAME, f"{before} passes for {number}"


def test_the_replay_asks_the_network_nothing(
    case: Path, do: Do, robot_browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering makes no request at all, not even one that would be refused."""
    asked: list[str] = []
    new_context = robot_browser.new_context

    async def watched(**options: object) -> object:
        context = await new_context(**options)  # type: ignore[arg-type]
        context.on("request", lambda request: asked.append(request.url))
        return context

    monkeypatch.setattr(robot_browser, "new_context", watched)
    copy = tmp_path / "copia"
    copy.mkdir()
    (copy / "grabacion").symlink_to(case / "grabacion", target_is_directory=True)
    assert len(do(render(copy, robot_browser))) == 6
    assert [url for url in asked if not url.startswith("data:")] == []


def test_one_step_alone_can_be_rendered(case: Path, do: Do, robot_browser: Browser, tmp_path: Path) -> None:
    """Only what is asked for is rendered, and what is there is not rendered again."""
    (tmp_path / "grabacion").symlink_to(case / "grabacion", target_is_directory=True)
    files = do(render(tmp_path, robot_browser, steps=["6"]))
    assert list(files) == ["6"]
    files["6"].write_bytes(b"kept")
    assert do(render(tmp_path, robot_browser, steps=["6"]))["6"].read_bytes() == b"kept"


def test_without_a_recording_there_is_no_picture(tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """A case that was not recorded has none, and no error."""
    assert do(render(tmp_path, robot_browser)) == {}


def test_a_native_dialog_makes_no_picture_and_no_hang(
    tmp_path: Path, do: Do, robot_browser: Browser, site: str
) -> None:
    """While a native dialog is open a picture ends in a clean error; the recording shows its text instead."""

    async def work() -> None:
        recorder = Recorder(mode="grabacion", private=())
        context = await robot_browser.new_context(viewport=sample.VIEWPORT)  # type: ignore[arg-type]
        await recorder.attach(context)
        page = await context.new_page()
        await recorder.start(tmp_path, sample.masker(), page)
        await page.goto(f"{site}/abono")
        recorder.step_started("21", "GENERAR")
        async with page.expect_event("dialog") as opened:
            click = asyncio.ensure_future(page.get_by_role("button").click())
        dialog = await opened.value
        recorder.event("dialogo", {"texto": dialog.message})
        with pytest.raises(PictureError):
            await recorder.picture(page, "paso-21", timeout_seconds=0.5)
        await recorder.step_finished("21")
        await dialog.accept()
        await click
        await recorder.stop()
        await context.close()

    do(work())
    with_notice = do(render(tmp_path, robot_browser))["21"]
    middle = Image.open(with_notice).convert("L").crop((440, 30, 840, 100))
    assert ImageStat.Stat(middle).mean[0] > 215  # the white box of the notice


def test_real_pictures_cover_what_is_private(case: Path) -> None:
    """Boxes are of one colour: no pixel of a letter is left under them."""
    image = Image.open(case / "imagenes" / "paso-14-antes.png").convert("RGB")
    assert image.size == (1280, 800)
    fill = (0xCC, 0xD5, 0xE0)
    covered = sum(
        1 for pixel in image.resize((640, 400), Image.Resampling.NEAREST).get_flattened_data() if pixel == fill
    )
    assert covered > 2000


rects = st.builds(Rect, *[st.floats(0, 60).map(lambda value: round(value, 1))] * 4)


@settings(deadline=None)
@given(places=st.lists(rects, max_size=8))
def test_joining_boxes_uncovers_nothing(places: list[Rect]) -> None:
    """Every place to cover lies in one of the boxes that are painted."""
    boxes = joined(places)
    for place in places:
        right, bottom = place.left + place.width, place.top + place.height
        assert any(
            box.left <= place.left and box.top <= place.top and right <= box.left + box.width + 1e-6
            and bottom <= box.top + box.height + 1e-6
            for box in boxes
        )  # fmt: skip


def test_a_tall_page_with_everything_in_sight(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """Selected options, wrapped texts, frames, other customers' rows: nothing of them can be read in the picture."""
    long = f"{leaky.CODE} {leaky.ROUTE} reconexión del servicio por pago total de la deuda y otras cosas largas, "
    long += f"celular {leaky.CELULAR} con medidor; vive en {leaky.ADDRESS} y su documento es {leaky.CEDULA}\n"
    long += "segunda línea 310 123 4567"

    async def work() -> None:
        recorder = Recorder(mode="ninguna", private=sample.PRIVATE)
        context = await robot_browser.new_context(viewport={"width": 900, "height": 1250})
        await recorder.attach(context)
        page = await context.new_page()
        await recorder.start(tmp_path, sample.masker(), page)
        await page.goto(f"{site}/factura")
        await page.locator("#obs").fill(long)
        await page.locator("#tercero").select_option(index=1)
        await recorder.picture(page, "alto")
        await recorder.stop()
        await context.close()

    do(work())
    assert leaks(tmp_path, [*leaky.PRIVATE, leaky.OTHER_CEDULA, leaky.OTHER_NAME]) == []
    image = Image.open(tmp_path / "imagenes" / "alto.png").convert("RGB")
    fill = (0xCC, 0xD5, 0xE0)
    for name, point in {"select": (150, 600), "own document in its row": (310, 830), "other row": (60, 860)}.items():
        assert image.getpixel(point) == fill, name


def test_components_are_seen_through(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """What stands in an open shadow root is covered in pictures and masked in the recording."""

    async def work() -> None:
        recorder = Recorder(mode="grabacion", private=sample.PRIVATE)
        context = await robot_browser.new_context(viewport={"width": 500, "height": 200})
        await recorder.attach(context)
        page = await context.new_page()
        await recorder.start(tmp_path, sample.masker(), page)
        await page.goto(f"{site}/vacia")
        await page.evaluate(
            """value => {
                const root = document.querySelector("p").attachShadow({ mode: "open" });
                root.innerHTML = `<b>${value}</b> <label>Cédula <input></label>`;
                root.querySelector("input").value = "9988776";
            }""",
            leaky.CEDULA,
        )
        await recorder.picture(page, "sombra")
        await recorder.stop()
        await context.close()

    do(work())
    assert leaks(tmp_path, [leaky.CEDULA, "9988776"]) == []


def test_legible_words_beside_stay(case: Path) -> None:
    """Only the phone in an Observación is covered, not the code and the route before it."""
    part = io.BytesIO()
    Image.open(case / "imagenes" / "paso-14-antes.png").crop((0, 470, 700, 570)).save(part, "PNG")
    read = read_picture(part.getvalue())
    assert read, "tesseract reads nothing; install it: apt-get install tesseract-ocr"
    assert leaky.CODE in read
    assert "medidor" in read


def test_mode_none_still_takes_pictures(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The two pictures of each commit are proof: they are taken without a recording too."""

    async def work() -> Path:
        recorder = Recorder(mode="ninguna", private=sample.PRIVATE)
        context = await robot_browser.new_context()
        await recorder.attach(context)
        page: Page = await context.new_page()
        await recorder.start(tmp_path, sample.masker(), page)
        await page.goto(f"{site}/factura")
        path = await recorder.picture(page, "paso-14-antes")
        await recorder.stop()
        await context.close()
        return path

    assert do(work()) == tmp_path / "imagenes" / "paso-14-antes.png"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["paso-14-antes.png"]
