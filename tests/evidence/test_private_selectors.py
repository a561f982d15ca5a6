"""What is private is found by the map's own selectors, Playwright's CSS too; what can't be looked for isn't shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sample
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from leaks import leaks, read_picture
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route
from sample import Do

from robot import recording
from robot.browser.covered import PictureError
from robot.browser.evidence import Recorder
from robot.browser.maps import load
from robot.browser.private import PrivateControl, private_controls
from robot.resources import map_folder

FINDER = Path("robot/browser/private.js")
ROOT = Path(__file__).parents[2]
# Elements are told apart by a number that only scripts see.
NUMBERED = """(html) => {
    document.body.innerHTML = html;
    const attach = (root) => { for (const host of root.querySelectorAll("[data-shadow]")) {
        host.attachShadow({ mode: "open" }).append(host.querySelector("template").content);
        attach(host.shadowRoot);
    } };
    attach(document);
    let next = 0;
    const number = (root) => { for (const e of root.querySelectorAll("*")) {
        e.n_ = next++;
        if (e.shadowRoot) number(e.shadowRoot);
    } };
    number(document);
}"""
PAGES = {
    "captions": """<table><tr><td>Número:</td><td><input type=text value=1></td></tr>
        <tr><td> Número
          : </td><td><input></td></tr><tr><td>número:</td><td><input></td></tr>
        <tr><td>Código:</td><td>77</td><td>78</td></tr><tr><td>Número: <b>2</b></td>
        <td><select><option>a</select></td></tr></table>""",
    "layout": """<table><tr><td><table id=lista><tr><th>Documento</th><th>Nombre</th></tr>
        <tr class=x><td>111</td><td><a href=#>ANA</a></td></tr><tr><td>222</td>
        <td><a href=#>Ana <i>María</i></a></td></tr></table></td>
        <td><table><tbody><tr><th>Otra</th></tr><tr><td>333</td><td>ana</td></tr></tbody></table></td></tr></table>""",
    "odd": """<div>uno<br>dos</div><div> uno <!-- -->dos</div><p>so\u00adfa</p><p>a\u00a0b</p><p>a  b</p><p></p><p> </p>
        <script>uno</script><style>uno</style><noscript>uno</noscript><input value=uno><textarea>uno</textarea>
        <input type=submit value="Guardar  todo"><input type=button value=uno><button>Guardar <b>todo</b></button>
        <p>comilla " y 'otra' (y) [z] , &gt;&gt; fin</p>""",
    "shadow": """<section data-shadow id=s><template><b>uno</b><table><tr><td>Número:</td><td><input></td></tr></table>
        <p data-shadow><template><i>dos</i></template></p></template></section>
        <section><b>uno</b></section><p>dos</p>""",
    "hidden": """<ul><li>uno<li style="display:none">uno<li style="visibility:hidden">dos<li><span></span>tres</ul>""",
}  # fmt: skip
SELECTORS = [
    'td:text-is("Número:") + td input', 'td:text-is("Número:") ~ td', 'td:text-is("Número :")',
    'tr:has(> td:text-is("Código:")) td', 'tr:has(td:has-text("número")) input', ':text("uno")', 'p:text("DOS")',
    'td:text("número")', ':text-is("uno")', "td:text-is('111')",
    'table:has(> tbody > tr > th:text-is("Documento")) tr:has(> td)', 'table:has(th:text-is("Documento"))',
    "tr:has(> td) > td:nth-child(2)", ':text-matches("^n.mero:$", "i")', 'td:text-matches("\\\\d{3}")',
    ":nth-match(td, 3)", ":nth-match(tr:has(td), 2) td", ":nth-match(:is(a, td), 4)", "tr:not(:has(th)) a",
    'tr:not(:has(td:text-is("111"))) td', 'td:is(:text-is("111"), :text-is("222"))', "tr:has(a:has(i))", "TD:HAS(a)",
    'table >> tr >> td:has-text("ana")', "css=table >> css=th", "tr.x > td + td > a", "td > a, th, input", "> body td",
    ":scope > body", ":is(:scope) td", ":text-is('')", ":text('')", 'p:text-is("a b")', 'p:text("sofa")',
    ':text("guardar todo")', ':text-is("Guardar todo")', 'input:text-is("uno")', 'div:text-is("dos")',
    'div:text("uno dos")', 'div:has-text("UNODOS")', 'p:has-text("\\22  y \'otra\' (y) [z] , >")',
    'p:has-text(">> fin")', "body *", "section b", "section > b", "section:has(b) i", "#s input", "section p > i",
    'section:has-text("uno")', 'tr:has(> td > a:text-is("ANA")):has(td)', "tr /* c */ > td",
    "table:has(:scope > tbody > tr.x)", "table:not(:has(table)) td:first-child", "li:not(li + li)",
    ":is(table table, ul) > *", "td:nth-child(2 of td, a)", 'a[href="#"]', "input[value='1'], [type=submit]",
    "tr:where(:has(th)) *", ":root > body", "div:is(:not(:text('x')))",
]  # fmt: skip
CHAINS = [
    ("table:has(> tbody > tr > th:text-is('Documento'))", "tr:has(> td)"), ("table", "tr td"), ("tr", "> td"),
    ("td", "+ td"), ("td", "tr td a"), ("#lista", "tbody tr, a"), ("tr:has(td)", ":scope > td:has-text('ana')"),
    ("table", "tr:has(> td):not(:has(a)) td"), ("section", "b"), ("section", "td + td"),
    ("table", ":nth-match(td, 2)"), ("tbody", "tr:not(:nth-match(tr, 1))"), ("tbody", "> tr:has(> td)"),
    ("tbody", "tr >> td:nth-child(2)"),
]  # fmt: skip
VAGUE = [
    "li:visible", ':text("uno"):visible', "li:not(:visible)", "ul:has(:visible)", "td:right-of(td)",
    "input:near(td, 50)", ":nth-match(li:visible, 2)", "li >> nth=1", "li >> visible=true", ":light(section b)",
    ":is(li:visible, p)", "li:not(:is(:visible))", "table tr:below(th)",
]  # fmt: skip
UNREADABLE = [
    "td:text-is(", "td:text-is('a'", "td:text-is(a)", "td:has()", "td[", "td >> xpath=//b", "//td", "text=uno",
    "td::before", "td:foo", "td:text('a', 'b')", "td:text-matches('(')", "*css=td >> b", "td >", "td, ", "td%",
    ":nth-match(td)", ":nth-match(td, 0)", "td:nth-child(", "[x]div", "td >> ", '"uno"',
]  # fmt: skip


def control(css: str, *, within: PrivateControl | None = None, many: bool = False) -> PrivateControl:
    """Return a private control that is found by CSS."""
    return PrivateControl(screen="prueba", key="control", css=css, within=within, many=many)


def script(controls: list[PrivateControl], ask: str) -> str:
    """Return what asks the finder in a page."""
    told = json.dumps([one.fields() for one in controls])
    return f"() => {{ const PRIVATE = {told};\n{(ROOT / FINDER).read_text('utf-8')}\nreturn {ask}; }}"


async def ours(page: Page, one: PrivateControl) -> list[int]:
    """Return the numbers of the elements that the finder finds."""
    found = await page.evaluate(script([one], "find(PRIVATE[0], document).map((e) => e.n_)"))
    assert len(found) == len(set(found)) or one.within
    return sorted(set(found))


async def playwrights(locator: Locator) -> list[int]:
    """Return the numbers of the elements that Playwright finds."""
    return sorted(await locator.evaluate_all("(found) => found.map((e) => e.n_)"))


@pytest.fixture(scope="module")
def page(do: Do, robot_browser: Browser) -> Iterator[Page]:
    """Give an empty page."""
    page = do(robot_browser.new_page())
    yield page
    do(page.close())


@pytest.mark.parametrize("name", PAGES)
def test_the_same_elements_as_playwright(name: str, do: Do, page: Page) -> None:
    """Each of Playwright's pseudo-classes, combinators and chains finds what its own locator finds."""

    async def work() -> None:
        await page.evaluate(NUMBERED, PAGES[name])
        for css in SELECTORS:
            assert await ours(page, control(css)) == await playwrights(page.locator(css)), css
        for outer, inner in CHAINS:
            found = await ours(page, control(inner, within=control(outer)))
            assert found == await playwrights(page.locator(outer).locator(inner)), (outer, inner)

    do(work())


def test_each_selector_finds_something_somewhere(do: Do, page: Page) -> None:
    """No selector above agrees only because neither side ever finds anything."""
    found: set[str] = set()

    async def work() -> None:
        for html in PAGES.values():
            await page.evaluate(NUMBERED, html)
            for css in [*SELECTORS, *VAGUE]:
                if await ours(page, control(css)):
                    found.add(css)

    do(work())
    assert {*SELECTORS, *VAGUE} == found


@pytest.mark.parametrize("css", VAGUE)
def test_what_hangs_on_the_moment_is_found_generously(css: str, do: Do, page: Page) -> None:
    """Visibility, layout and order: never fewer than Playwright finds; what is hidden is recorded too."""

    async def work() -> None:
        for html in PAGES.values():
            await page.evaluate(NUMBERED, html)
            assert set(await playwrights(page.locator(css))) <= set(await ours(page, control(css)))

    do(work())


WORDS = st.sampled_from(["Número:", "número:", " Número:\n", "Código:", "ANA", "ana", "Ana María", "1", ""])
CELLS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["b", "a", "span"]), inner),
        st.builds("<input type={} value='{}'>{}".format, st.sampled_from(["text", "submit"]), WORDS, inner),
        st.builds("<table><tr><td>{}</td><td>{}</td></tr></table>".format, inner, inner),
    ),
    max_leaves=4,
)
ROW = st.lists(st.builds("<{0}>{1}".format, st.sampled_from(["td", "th"]), CELLS), max_size=4)
ROWS = ROW.map(lambda cells: f"<tr>{''.join(cells)}</tr>")
TABLES = st.lists(ROWS, min_size=1, max_size=4).map(lambda rows: f"<table>{''.join(rows)}</table>")
QUOTED = st.sampled_from(["Número:", "número:", "ana", "Ana María", "1", ""]).map('"{}"'.format)
TEXTS = st.builds(":{}({})".format, st.sampled_from(["text-is", "has-text", "text", "text-matches"]), QUOTED)
TAGS = st.sampled_from(["td", "th", "tr", "table", "b", "input", "*", "a"])


def compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return a tag with what may stand in brackets behind it."""
    nested = st.builds(":{}({})".format, st.sampled_from(["has", "not", "is"]), inner)
    relative = st.builds(":has({} {})".format, st.sampled_from([">", "+", "~"]), inner)
    places = st.sampled_from([":nth-child(2)", ":first-child", ":nth-match(td, 2)"])
    return st.builds("{}{}".format, TAGS, st.lists(st.one_of(TEXTS, nested, relative, places), max_size=2).map("".join))


COMBINED = st.sampled_from([" ", " > ", " + ", " ~ ", ", "])
CAPTIONED = st.recursive(
    st.builds("{}{}".format, TAGS, st.one_of(st.just(""), TEXTS)),
    lambda inner: st.builds("{}{}{}".format, compounds(inner), COMBINED, compounds(inner)),
    max_leaves=4,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(html=TABLES, lists=st.lists(CAPTIONED, min_size=4, max_size=4), outer=CAPTIONED)
@example(html=PAGES["layout"], lists=["tr:has(td + td:not(:has(b, table)))", "td", "tr", "a"], outer="table table")
def test_any_table_any_caption(html: str, lists: list[str], outer: str, do: Do, page: Page) -> None:
    """On random tables, with random selectors and containers, both find the same."""

    async def work() -> None:
        await page.evaluate(NUMBERED, html)
        for css in lists:
            assert await ours(page, control(css)) == await playwrights(page.locator(css)), css
            found = await ours(page, control(css, within=control(outer)))
            assert found == await playwrights(page.locator(outer).locator(css)), (outer, css)

    do(work())


WATCHED = """() => {
    window.seen = [];
    window.before = 0;
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver((changes) => seen.push(...changes)).observe(document, everything);
    before = Object.keys(window).length;
}"""


def test_looking_changes_nothing(do: Do, page: Page) -> None:
    """The page gets no mutation and no property from being looked at."""

    async def work() -> Any:
        await page.evaluate(NUMBERED, PAGES["layout"])
        await page.evaluate(WATCHED)
        for css in SELECTORS:
            await ours(page, control(css))
        return await page.evaluate("() => [seen.length, Object.keys(window).length - before]")

    assert do(work()) == [0, 0]


@pytest.mark.parametrize("css", UNREADABLE)
def test_what_cannot_be_read_is_said(css: str, do: Do, page: Page) -> None:
    """Such a selector is told by its control's name, and its whole container counts as private."""

    async def work() -> Any:
        await page.evaluate(NUMBERED, PAGES["layout"])
        inside = control(css, within=control("#lista"), many=True)
        ask = "[unread(), lost(), find(PRIVATE[0], document).map((e) => e.id), PRIVATE[0].many]"
        alone = "[unread(), lost(), [...privateElements().whole].map((e) => e.tagName)]"
        return await page.evaluate(script([inside], ask)), await page.evaluate(script([control(css, many=True)], alone))

    within, alone = do(work())
    assert within == [["prueba.control"], [], ["lista"], False]
    assert alone == [["prueba.control"], ["prueba.control"], ["HTML"]]


@pytest.mark.parametrize("name", ["mock", "mock-clasico", "mock-spa"])
def test_the_bundled_maps_can_be_read(name: str, do: Do, page: Page) -> None:
    """Every private control of the maps that come along can be looked for."""
    controls = private_controls(load(map_folder(name)).controls())
    assert controls
    assert do(page.evaluate(script(controls, "unread()"))) == []


# ── whole recordings and pictures ──

OTHERS = ["79456123", "LUCRECIA BUENDÍA", "5556667", "52111222", "AURELIANO SEGUNDO"]
LIST = """<!doctype html><meta charset=utf-8><title>Buscar</title>
<form><table><tr><td class=titulo>Buscar suscriptor</td></tr></table>
<table><tr><th>Código</th><th>Nombre</th><th>Documento</th></tr>
<tr><td>5556667</td><td><a href=#>LUCRECIA BUENDÍA</a></td><td>79456123</td></tr>
<tr><td>1020304</td><td><a href=#>MARÍA PÉREZ</a></td><td></td></tr>
<tr><td>5556668</td><td><a href=#>AURELIANO SEGUNDO</a></td><td>52111222</td></tr></table></form>
<table><tr><td>Aviso:</td><td>ABIERTO HOY</td></tr></table>"""
EMPTY = """<form><table><tr><td class=titulo> </td></tr></table>
<table><tr><th> </th></tr><tr><td>1</td><td> </td></tr></table></form>"""
BUSCADOR = PrivateControl(screen="abono", key="buscador", css='form:has(td.titulo:text-is("Buscar suscriptor"))')
ENCONTRADOS = PrivateControl(
    screen="abono", key="encontrados", css='table:has(> tbody > tr > th:text-is("Documento"))', within=BUSCADOR
)
FILAS = PrivateControl(screen="abono", key="fila", css="tr:has(> td)", within=ENCONTRADOS, many=True)
MARCOS = "<!doctype html><meta charset=utf-8><h1>SERVIWEB</h1><iframe src=/lista width=700 height=260></iframe>"

SITE = {"lista": LIST, "marcos": MARCOS, "vacia": "<!doctype html><meta charset=utf-8><p>SERVIWEB</p>"}


async def opened(
    browser: Browser, folder: Path, controls: list[PrivateControl]
) -> tuple[Recorder, BrowserContext, Page]:
    """Begin a recorded case on a site of a list, a page that frames it and an empty one."""
    recorder = Recorder(mode="grabacion", private=controls)
    context = await browser.new_context(viewport={"width": 800, "height": 400})

    async def served(route: Route) -> None:
        await route.fulfill(body=SITE[route.request.url.rpartition("/")[2]], content_type="text/html")

    await context.route("http://sitio.test/*", served)
    await recorder.attach(context)
    page = await context.new_page()
    await recorder.start(folder, sample.masker(), page)
    return recorder, context, page


def read(path: Path) -> str:
    """Return what can be read in a picture."""
    return read_picture(path.read_bytes())


def recorded(folder: Path) -> str:
    """Return what the recording says."""
    return json.dumps(recording.read(folder).events, ensure_ascii=False)


def test_rows_found_by_their_captions_leak_nowhere(tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """In the page, in its frame and in a window that it opened, other customers' rows are covered; ours stays."""

    async def work() -> list[Path]:
        recorder, context, page = await opened(robot_browser, tmp_path, [FILAS])
        await page.goto("http://sitio.test/lista")
        pictures = [await recorder.picture(page, "pagina")]
        async with page.expect_popup() as popup:
            await page.evaluate("() => { open('/lista', 'b', 'width=800,height=400'); }")
        window = await popup.value
        await window.wait_for_load_state()
        pictures.append(await recorder.picture(window, "ventana-1"))
        await window.close()
        await page.goto("http://sitio.test/marcos")
        await page.frame_locator("iframe").locator("form").wait_for()
        pictures.append(await recorder.picture(page, "marco"))
        await recorder.stop()
        assert recorder.gaps == []
        await context.close()
        return pictures

    pictures = do(work())
    assert leaks(tmp_path, OTHERS) == []
    for picture in pictures:
        assert "1020304" in read(picture), picture
        assert "ABIERTO" in read(picture), picture
    assert "MARÍA PÉREZ" in recorded(tmp_path)


def test_a_caption_that_comes_later_counts(tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """A list whose heading is written once it is there, and whose names come after that, is private all the same."""

    async def work() -> None:
        recorder, context, page = await opened(robot_browser, tmp_path, [FILAS])
        await page.goto("http://sitio.test/vacia")
        for change in (
            f"document.body.innerHTML = `{EMPTY}`",
            "document.querySelector('.titulo').firstChild.data = 'Buscar suscriptor'",
            "document.querySelector('th').textContent = 'Documento'",
            "document.querySelector('table + table td:last-child').firstChild.data = 'LUCRECIA BUENDÍA'",
        ):
            await page.evaluate(f"() => {{ {change}; }}")
        await recorder.stop()
        await context.close()

    do(work())
    assert leaks(tmp_path, OTHERS) == []
    assert "Documento" in recorded(tmp_path)


def test_an_unreadable_selector_covers_its_container(tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """All of the container is covered and dotted, our own row too; what stands beside it stays; the case says so."""

    async def work() -> tuple[Path, list[str]]:
        wrong = PrivateControl(screen="abono", key="fila", css="tr:has(> td", within=ENCONTRADOS, many=True)
        recorder, context, page = await opened(robot_browser, tmp_path, [wrong])
        await page.goto("http://sitio.test/lista")
        picture = await recorder.picture(page, "pagina")
        await recorder.stop()
        await context.close()
        return picture, recorder.gaps

    picture, gaps = do(work())
    assert leaks(tmp_path, [*OTHERS, "MARÍA PÉREZ"]) == []
    assert "ABIERTO" in read(picture)
    assert any("abono.fila" in gap for gap in gaps)


def test_an_unreadable_selector_without_container_shows_nothing(tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """No picture is taken, the message names the control, and the recording shows dots only."""

    async def work() -> list[str]:
        wrong = PrivateControl(screen="abono", key="fila", css="xpath=//tr", many=True)
        recorder, context, page = await opened(robot_browser, tmp_path, [wrong])
        await page.goto("http://sitio.test/lista")
        with pytest.raises(PictureError, match=r"abono\.fila"):
            await recorder.picture(page, "pagina")
        await recorder.stop()
        await context.close()
        return recorder.gaps

    assert any("abono.fila" in gap for gap in do(work()))
    assert leaks(tmp_path, [*OTHERS, "MARÍA PÉREZ", "ABIERTO HOY"]) == []
    assert not list(tmp_path.rglob("*.png"))
