"""Every form a print takes, clicked in real browsers on a small real site."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from robot.browser.documents import Opens, PaperError, check, printed
from robot.browser.executable import Browser as Installed
from robot.browser.executable import found

NUMBER = "900123"


def _pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.drawString(72, 700, f"Solicitud de trámite {NUMBER}")
    canvas.showPage()
    canvas.save()
    return file.getvalue()


PDF = _pdf()
PAPER = (
    "<!DOCTYPE html><title>Solicitud</title><h1 style='background:#cfe'>Solicitud de trámite</h1>"
    f"<p>Factura {NUMBER}</p>"
)
MENU = f"""<!DOCTYPE html><title>Factura</title><meta charset="utf-8"><p id="estado">Factura guardada</p>
<button id="ventana">Imprimir</button> <button id="ventana-tardia">Imprimir</button>
<form method="post" action="/solicitud" target="_blank"><button id="ventana-post">Imprimir</button></form>
<button id="ventana-print">Imprimir</button> <button id="escrita">Imprimir</button>
<button id="misma-print">Imprimir</button> <button id="un-instante">Imprimir</button>
<button id="marco">Imprimir</button>
<a id="pdf" href="/papel.pdf">Imprimir</a> <a id="pdf-ventana" href="/papel.pdf" target="_blank">Imprimir</a>
<form method="post" action="/papel.pdf" target="_blank"><button id="pdf-post">Imprimir</button></form>
<a id="pdf-desvio" href="/desvio" target="_blank">Imprimir</a> <button id="pdf-blob">Imprimir</button>
<a id="descarga" href="/adjunto">Imprimir</a>
<a id="descarga-nombre" href="/papel.pdf" download="solicitud.pdf">Imprimir</a>
<form method="post" action="/adjunto"><button id="descarga-post">Imprimir</button></form>
<a id="misma" href="/solicitud">Imprimir</a> <button id="nada">Imprimir</button>
<script>
const on = (id, action) => document.getElementById(id).addEventListener("click", action);
const estado = document.getElementById("estado");
on("ventana", () => window.open("/solicitud"));
on("ventana-tardia", () => {{ const w = window.open("about:blank"); setTimeout(() => w.location = "/tardia", 50); }});
on("ventana-print", () => window.open("/imprime-y-cierra"));
on("escrita", () => {{
  const w = window.open("");
  w.document.write(`{PAPER}`);
  w.document.close(); w.print(); w.close();
}});
on("misma-print", () => window.print());
on("un-instante", () => {{
  estado.textContent = "Factura {NUMBER}";
  window.print();
  estado.textContent = "Factura guardada";
}});
on("marco", () => {{
  const f = document.createElement("iframe");
  f.style.display = "none"; f.src = "/solicitud"; f.onload = () => f.contentWindow.print();
  document.body.append(f);
}});
on("pdf-blob", async () => {{
  const address = URL.createObjectURL(await (await fetch("/papel.pdf")).blob());
  window.open(address);
  URL.revokeObjectURL(address);
}});
</script>"""
PAGES = {
    "/": MENU,
    "/solicitud": f"<meta charset='utf-8'>{PAPER}",
    "/tardia": f"<p id=n></p><script>setTimeout(() => n.textContent = 'Factura {NUMBER}', 150)</script>",
    "/imprime-y-cierra": f"{PAPER}<script>onload = () => {{ window.print(); window.close() }}</script>",
}


class _Site(BaseHTTPRequestHandler):
    """A print option of every kind; counts what is asked of it."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        """Answer with a page, the PDF, the PDF as attachment, or a redirect to it."""
        type(self).asked[f"{self.command} {self.path}"] += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/desvio":
            self._send(302, b"", {"Location": "/papel.pdf"})
        elif self.path in ("/papel.pdf", "/adjunto"):
            signed_in = "sesion=abc" in self.headers.get("Cookie", "")
            kind = "inline" if self.path == "/papel.pdf" else 'attachment; filename="a.pdf"'
            self._send(
                200 if signed_in else 403,
                PDF if signed_in else b"",
                {"Content-Type": "application/pdf", "Content-Disposition": kind},
            )
        else:
            page = PAGES.get(self.path)
            self._send(
                200 if page else 404,
                (page or "").encode(),
                {"Content-Type": "text/html; charset=utf-8", "Set-Cookie": "sesion=abc"},
            )

    do_POST = do_GET  # noqa: N815 — the name that http.server calls

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the site on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """Run coroutines in a thread with a loop of its own: the main thread's belongs to pytest-playwright."""
    with start_blocking_portal() as running:
        yield running


def _installed(*, shell: bool) -> Installed:
    browser = next((one for one in found() if one.headless_only is shell), None)
    if browser is None:
        pytest.fail(f"Falta un navegador: apt-get install {'chromium-headless-shell' if shell else 'chromium'}")
    return browser


@pytest.fixture(scope="module", params=["shell", "headless", "visible"])
def browser(request: pytest.FixtureRequest, portal: BlockingPortal) -> Iterator[Browser]:
    """Chromium in its three shapes: the headless shell, the whole one without and with a window."""
    kind = request.param
    options = _installed(shell=kind == "shell").options
    env = {**os.environ, "DISPLAY": request.getfixturevalue("display")} if kind == "visible" else dict(os.environ)

    async def start() -> tuple[object, Browser]:
        driver = await async_playwright().start()
        return driver, await driver.chromium.launch(headless=kind != "visible", env=env, **options)

    driver, running = portal.call(start)
    yield running
    portal.call(running.close)
    portal.call(driver.stop)


@pytest.fixture
def on_page(
    browser: Browser, portal: BlockingPortal, site: str
) -> Callable[[Callable[[Page], Awaitable[object]]], object]:
    """Run a coroutine on a fresh signed-in page and check that the print left nothing behind."""

    async def run(work: Callable[[Page], Awaitable[object]]) -> object:
        context = await browser.new_context()
        try:
            page = await context.new_page()
            await page.goto(site)
            _Site.asked.clear()
            result = await work(page)
            await _assert_clean(context, page)
            return result
        finally:
            await context.close()

    return lambda work: portal.call(run, work)


async def _assert_clean(context: BrowserContext, page: Page) -> None:
    assert context.pages == [page]
    assert await page.evaluate("[String(window.print), String(window.open)].every(f => f.includes('[native code]'))")
    assert not any(context._impl_obj.listeners(event) for event in ("page", "download", "response", "framenavigated"))
    assert not context._impl_obj._routes


def _click(
    name: str, opens: Opens, *, seconds: float = 20, shows: str | None = NUMBER
) -> Callable[[Page], Awaitable[bytes]]:
    return lambda page: printed(
        page, page.locator(f"#{name}").describe(f"factura.{name}"), opens=opens, timeout_seconds=seconds, shows=shows
    )


FORMS: list[tuple[str, Opens, dict[str, int]]] = [
    ("ventana", "popup", {"GET /solicitud": 1}),
    ("ventana-tardia", "popup", {"GET /tardia": 1}),
    ("ventana-post", "popup", {"POST /solicitud": 1}),
    ("ventana-print", "popup", {"GET /imprime-y-cierra": 1}),
    ("ventana-print", "print", {"GET /imprime-y-cierra": 1}),
    ("escrita", "print", {}),
    ("escrita", "popup", {}),
    ("un-instante", "print", {}),
    ("marco", "print", {"GET /solicitud": 1}),
    ("misma", "same", {"GET /solicitud": 1}),
]
PDFS: list[tuple[str, Opens, dict[str, int]]] = [
    ("pdf", "pdf", {"GET /papel.pdf": 1}),
    ("pdf-ventana", "pdf", {"GET /papel.pdf": 1}),
    ("pdf-ventana", "popup", {"GET /papel.pdf": 1}),
    ("pdf-post", "pdf", {"POST /papel.pdf": 1}),
    ("pdf-blob", "pdf", {"GET /papel.pdf": 1}),
    ("descarga", "download", {"GET /adjunto": 1}),
    ("descarga-nombre", "download", {"GET /papel.pdf": 1}),
    ("descarga-post", "download", {"POST /adjunto": 1}),
    ("pdf", "same", {"GET /papel.pdf": 1}),
]


ONLY_SHELL = pytest.mark.parametrize("browser", ["shell"], indirect=True)  # what is the same in every browser


@pytest.mark.parametrize(("name", "opens", "asked"), FORMS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_page_becomes_a_pdf(on_page: Callable[..., bytes], name: str, opens: Opens, asked: dict[str, int]) -> None:
    """Print a page in a window, a frame or in place, asking the server for it only once."""
    data = on_page(_click(name, opens))
    assert check(data, NUMBER) == 1
    assert (_Site.asked - Counter({"GET /favicon.ico": 9})) == asked
    assert [float(side) for side in PdfReader(io.BytesIO(data)).pages[0].mediabox[2:]] == [612, 792]


@pytest.mark.parametrize(("name", "opens", "asked"), PDFS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_pdf_keeps_its_bytes(on_page: Callable[..., bytes], name: str, opens: Opens, asked: dict[str, int]) -> None:
    """Take the very bytes of a PDF, with one request that carries the session."""
    assert on_page(_click(name, opens)) == PDF
    assert (_Site.asked - Counter({"GET /favicon.ico": 9})) == asked


def test_a_pdf_behind_a_redirect(on_page: Callable[..., bytes]) -> None:
    """Take a redirected PDF too; only a viewer, which keeps the bytes to itself, costs a second GET."""
    assert on_page(_click("pdf-desvio", "pdf")) == PDF
    assert _Site.asked["GET /desvio"] == 1
    assert _Site.asked["GET /papel.pdf"] in (1, 2)


def test_a_page_that_prints_itself(on_page: Callable[..., bytes]) -> None:
    """Render the page itself when it calls `print()`, and leave it as it stands."""
    data = on_page(_click("misma-print", "print", shows=None))
    assert check(data, "guardada") == 1
    assert not _Site.asked - Counter({"GET /favicon.ico": 9})


def test_printing_twice(on_page: Callable[..., bytes]) -> None:
    """Print again in the same context: nothing of the first time is in the way."""

    async def twice(page: Page) -> list[bytes]:
        return [await _click("ventana-print", "print")(page), await _click("pdf-ventana", "pdf")(page)]

    first, second = on_page(twice)
    assert check(first, NUMBER) == 1
    assert second == PDF


@ONLY_SHELL
@pytest.mark.parametrize("opens", ["popup", "download", "pdf", "print", "same"])
def test_nothing_comes(on_page: Callable[..., object], opens: Opens) -> None:
    """Say, in Spanish and with the control's name, that no paper came; leave nothing open."""

    async def click(page: Page) -> str:
        with pytest.raises(PaperError) as raised:
            await _click("nada", opens, seconds=0.5)(page)
        return str(raised.value)

    said = on_page(click)
    assert "«factura.nada» no entregó el papel en 0.5 s" in said
    assert f"opens = «{opens}»" in said


@ONLY_SHELL
def test_a_page_without_the_number(on_page: Callable[..., object]) -> None:
    """Do not print a page that never shows its number."""

    async def click(page: Page) -> None:
        with pytest.raises(PaperError, match=r"factura\.ventana.*no muestra «555555»"):
            await _click("ventana", "popup", seconds=0.7, shows="555555")(page)

    on_page(click)


@ONLY_SHELL
def test_a_missing_control(on_page: Callable[..., object]) -> None:
    """Name the print option that isn't there."""

    async def click(page: Page) -> None:
        with pytest.raises(PaperError, match=r"factura\.ausente"):
            await _click("ausente", "popup", seconds=0.5)(page)

    on_page(click)


@ONLY_SHELL
def test_cancelled(on_page: Callable[..., object]) -> None:
    """Leave nothing behind when the run is cancelled while it waits for the paper."""

    async def cancel(page: Page) -> None:
        waiting = asyncio.create_task(_click("ventana", "pdf")(page))
        await page.context.wait_for_event("page")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    on_page(cancel)
