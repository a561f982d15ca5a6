"""The gate's own request goes the browser's way: through its proxy, and trusting the authorities of the system."""

from __future__ import annotations

import base64
import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import small_site
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.async_api import async_playwright
from small_site import Site, html
from witness import Memory

from robot.browser.evidence import Recorder
from robot.browser.executable import find
from robot.browser.gate import WireGate
from robot.browser.session import browser_of, session
from robot.settings import load

PAGE = "<form method=post action=/guardar><input name=a value=1><button>Guardar</button></form>"


def test_the_proxy_of_the_settings_is_the_gates_too(do, small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that only the proxy knows is reached by page and gate alike, and the POST leaves through it once.

    Chromium asks the proxy for the whole address; Playwright's own client, in which the gate speaks, for a tunnel.
    """
    monkeypatch.delenv("SERVIWEB_PROXY", raising=False)
    small.pages |= {  # this proxy answers itself
        "GET http://serviweb.invalid/": html(PAGE),
        "CONNECT serviweb.invalid:80": b"HTTP/1.1 200 Connection established\r\n\r\n",
        "POST /guardar": html("<p>Factura 17</p>"),
    }
    settings = load(proxy=small.url, url="http://serviweb.invalid/", usuario="asesor1")
    witness = Memory(small)

    async def work() -> None:
        async with (
            browser_of(settings) as browser,
            session(settings, Recorder(mode="ninguna", private=[]), browser) as s,
        ):
            await s.page.goto(settings.url)
            await WireGate(s.context, witness, writes=("**/guardar",)).arm()
            await s.page.get_by_role("button").click()
            await s.page.get_by_text("Factura 17").wait_for()

    do(work())
    assert [(one.method, one.body) for one in small.to("/guardar")] == [("POST", b"a=1")]
    assert small.to("/guardar")[0].headers["host"] == "serviweb.invalid"
    assert len(small.to("serviweb.invalid:80")) == 1
    assert witness.events == ["answered"]


def _authority(folder: Path) -> tuple[Path, ssl.SSLContext, str]:
    """Make a private authority and a server's certificate: its file, the server's side, its key's pin."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Autoridad de la empresa")])
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "llave.pem").write_bytes(private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "ca.pem", folder / "llave.pem")
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return folder / "ca.pem", server, base64.b64encode(hashlib.sha256(spki).digest()).decode()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_private_authority_of_the_system_is_trusted(
    do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    """Where the system trusts the utility's own authority the gate does too; where it doesn't, nothing arrives.

    The browser itself is told to trust the key (its own store is another one); the gate's side is what is tested.
    """
    authority, server, pin = _authority(tmp_path)
    monkeypatch.setenv("NODE_USE_SYSTEM_CA", "1")
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    async def work() -> tuple[list[str], list[bytes]]:
        async with small_site.opened(server) as site, async_playwright() as playwright:
            site.pages |= {"GET /": html(PAGE), "POST /guardar": html("<p>Factura 17</p>")}
            options = find().options | {"args": [f"--ignore-certificate-errors-spki-list={pin}"]}
            browser = await playwright.chromium.launch(**options)
            witness = Memory(site)
            page = await (await browser.new_context()).new_page()
            await page.goto(site.url)
            gate = WireGate(page.context, witness)
            await gate.arm()
            await page.get_by_role("button").click(no_wait_after=True)
            assert await gate.settled(10)
            if trusted:
                await page.get_by_text("Factura 17").wait_for()
            await browser.close()
            return witness.events, [one.body for one in site.writes()]

    assert do(work()) == ((["answered"], [b"a=1"]) if trusted else (["unanswered"], []))
