"""The one place that hides personal data and secrets.

Two sieves, in this order. *By value*: what the case itself calls private is hidden wherever it stands and in every
shape it takes (thousands points, spaces, URL-encoded, HTML-escaped, another case, no accents, cut over several DOM
nodes). *By form*: e-mails, phones, passwords and document numbers of anybody. A match that lies wholly inside a
legible value stays readable: subscriber codes, names, amounts and Serviweb's own numbers are what a supervisor
reviews (docs/decisiones.md, *Evidencia*).
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import codepoint2name
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
Values = tuple[tuple[str, ...], tuple[str, ...]]
"""What a masker hides and what it keeps readable (`Masker.values`), as it travels to another process."""

DOT = "•"
CUT = "\ue000"
"""Stands between two DOM text nodes when several are masked as one text."""

_SHORT = 6  # a value with fewer letters and digits is only hidden as a whole word, or "123" would blank every amount
_SMALLEST = 3  # shorter values say nothing about a person and would hide everything
_CACHE_ENTRIES = 20_000
_CACHE_LENGTH = 300

_SPACE = rf"[\s\u00a0\u2007\u202f{CUT}]"
_GAP = rf"(?:[\s.,\-_/'’·()\u00a0\u2007\u202f{CUT}]|%(?:20|2[ECDecd]|[Cc]2%[Aa]0)|\+|&nbsp;|&#160;|&#xa0;){{0,4}}"
_WIDE_SPACE = rf"(?:{_SPACE}|\+|_|%20|%[Cc]2%[Aa]0|&nbsp;|&#160;|&#xa0;)+"
_MARK = rf"(?:[\u0300-\u036f]|%[Cc][Cc]%[89ABab][0-9A-Fa-f]|{CUT})*"


def _plain(text: str) -> str:
    """Return the text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _shapes(char: str) -> str:
    """Return a pattern of every way one character is written in a page, an address or a script."""
    base = _plain(char) or char
    ways: set[str] = set()
    accented = _ACCENTED.get(base.lower(), "")
    for letter in {char, char.lower(), char.upper(), base.lower(), base.upper(), *accented, *accented.upper()}:
        ways |= {letter, html.escape(letter, quote=True), quote(letter, safe="")}
        if not (letter.isascii() and letter.isalnum()):
            code = ord(letter[0])
            ways |= {f"&#{code};", f"&#x{code:x};", f"\\u{code:04x}", f"%25{quote(letter, safe='')[1:]}"}
            ways |= {f"&{codepoint2name[code]};"} if code in codepoint2name else set()
            if code < 256:
                ways.add(f"%{code:02X}")  # windows-1252 forms encode ñ as %F1
    ways |= {way.lower() for way in ways if "%" in way or "#" in way}
    single = "".join(re.escape(way) for way in sorted(ways) if len(way) == 1)
    longer = [re.escape(way) for way in sorted(ways, key=lambda way: (-len(way), way)) if len(way) > 1]
    return "(?:" + "|".join([f"[{single}]", *longer]) + ")" + _MARK


_ACCENTED = {"a": "áàäâã", "e": "éèëê", "i": "íìïî", "o": "óòöôõ", "u": "úùüû", "n": "ñ", "c": "ç"}


def _atoms(value: str) -> list[str]:
    """Return the pattern of each significant character of a value; a digit may be followed by a thousands mark."""
    text = unicodedata.normalize("NFC", value).strip()
    if re.fullmatch(r"\+?[\d\s.,\-()]+", text):
        return [f"{digit}{_GAP}" for digit in re.sub(r"\D", "", text)]
    atoms: list[str] = []
    for part in re.split(r"(\s+)", text):
        atoms.extend([_WIDE_SPACE] if part.isspace() else [_shapes(char) for char in part])
    return atoms


def _pattern(value: str, *, whole: bool = False) -> str | None:
    """Return the pattern of one value, or None if it is too short to mean anybody."""
    atoms = _atoms(value)
    if len(atoms) < _SMALLEST:
        return None
    body = _trimmed("".join(atoms))
    if whole or len(atoms) < _SHORT:
        return rf"(?<![^\W_])(?<!\d[.,]){body}(?![.,]?\d)(?![^\W_])"
    return body


def _trimmed(body: str) -> str:
    """Take the gap after the last digit away: it belongs to what follows."""
    return body.removesuffix(_GAP)


def _beginnings(value: str) -> str | None:
    """Return the pattern of a value that is still being typed: at least half of it, from its start."""
    atoms = _atoms(value)
    least = max(4, len(atoms) // 2)
    if len(atoms) <= least:
        return None
    body = ""
    for atom in reversed(atoms[least:]):
        body = rf"(?:{atom}{body})?"
    head = "".join(atoms[:least])
    return rf"(?<![^\W_]){head}{body}(?![^\W_])"


_WORDS_OF_A_DOCUMENT = (
    r"c\.?\s?c\.?|n\.?i\.?t\.?|c\.?\s?e\.?|t\.?\s?i\.?|p\.?p\.?|doc(?:umento)?|c[ée]dula|c(?:é|%C3%A9|%E9)dula"
    r"|identificaci(?:ó|o|%C3%B3|%F3)n|identidad|pasaporte|nuip"
)
_BETWEEN = r"de|ciudadan[íi]a|extranjer[íi]a|identidad|n[úu]mero|no|nro|n[úu]m"
_BESIDE = rf"(?:[\s:=.,#°º\"'()\[\]>|/_\-\u00a0{CUT}]|%3D|%3A|%20|&nbsp;|&quot;|\b(?:{_BETWEEN})\b)*"
_LONG_NUMBER = r"\d(?:[.,\s\u00a0-]?\d){6,9}"
_SECRETS = (
    r"contrase(?:ñ|n|%C3%B1|%F1)as?|clave|password|passwd|passphrase|pwd|secret[oa]?|token|csrf\w*|api[_-]?key|authorization"
    r"|session_?id|jsessionid|phpsessid"
)
_PAIRS = r"\d{3}[\s.\u00a0-]?\d{2}[\s.\u00a0-]?\d{2}"
_DOMAIN = r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
_VALUE_FOLLOWS = rf"[\"']?[^\S\n]*[=:][^\S\n]*[\"']?(?P<value>[^\s\"'&;,<>{CUT}]+)"
_EMAIL = re.compile(rf"[\w.+%-]*[\w+-](?:@|%40|&#64;|&#x40;|&commat;){_DOMAIN}", re.IGNORECASE)
_EMAIL_SIGNS = ("@", "%40", "&#64;", "&#x40;", "&commat;")
_SECRET = re.compile(rf"(?<![^\W_])(?:{_SECRETS})(?![^\W_]){_VALUE_FOLLOWS}", re.IGNORECASE)
_BEARER = re.compile(r"(?<![^\W_])(?:bearer|basic)\s+(?P<value>[\w.~+/=-]{12,})", re.IGNORECASE)
_SECRET_SIGNS = (
    "contrase", "clave", "passw", "passp", "pwd", "secret", "token", "csrf", "api", "authorization", "session",
    "bearer", "basic",
)  # fmt: skip
_MANY_DIGITS = re.compile(r"\d(?:[^\d\n]{0,4}\d){6}")
# Numbers are found first, since they are rare; then the words in front of them and behind are looked at.
_NUMBER = re.compile(rf"(?<!\d){_LONG_NUMBER}(?!\d)(?:\s?-\s?\d(?!\d))?")
_DOCUMENT_BEFORE = re.compile(rf"(?<![^\W_])(?:{_WORDS_OF_A_DOCUMENT})(?![^\W\d_]){_BESIDE}$", re.IGNORECASE)
_DOCUMENT_BEHIND = re.compile(rf"{_SPACE}?\(?(?:CC|NIT|CE|TI|PP|C\.C\.)(?![^\W_])")
_PHONE = re.compile(
    r"(?<![\d.,])(?:(?:\+|%2B|00)?\(?57\)?[\s.-]?)?"
    rf"\(?(?:3\d\d|60\d)\)?[\s.\u00a0-]{{0,2}}{_PAIRS}(?![.,]?\d)"
)
_BEFORE = 60  # characters in which the word that names a number is looked for
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MONEY = re.compile(r"(?:\$|COP|valor|total|saldo)[\s\u00a0:]*$", re.IGNORECASE)
_OWN_NUMBER = re.compile(
    r"(?:factura|recibo|radicado|abono|tr[áa]mite|c[óo]digo|suscriptor|ruta|medidor|solicitud|pago)[^\d\n]{0,24}$",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?=.*\d)[\w.-]{3,}")
_ROUTE = re.compile(r"\d{1,3}-\d{1,4}|\d{1,3}(?:\.\d{3})+")
_CALL = re.compile(r"cel|tel|m[óo]vil|whatsapp|contacto|llam", re.IGNORECASE)


class Masker:
    """Hide personal data in any string: by value (the case's own), then by form (everybody's).

    A value of fewer than six letters and digits is hidden only as a whole word, one of fewer than three never. If a
    value is both private and legible it stays legible: a subscriber's code may be somebody's document number too.
    """

    def __init__(self, private: Iterable[str] = (), legible: Iterable[str] = ()) -> None:
        self._private = _meant(private)
        self._legible = _meant(legible)
        self._grown: list[re.Pattern[str]] | None = None
        self._compile()

    def __repr__(self) -> str:
        return f"Masker({len(self._private)} private, {len(self._legible)} legible)"

    @property
    def values(self) -> Values:
        """The values that this masker hides and those that it keeps readable; `Masker(*values)` does the same."""
        return tuple(self._private), tuple(self._legible)

    def add_private(self, *values: str) -> None:
        """Hide these values from now on."""
        self._private.update(_meant(values))
        self._compile()

    def add_legible(self, *values: str) -> None:
        """Keep these values readable from now on, for example a number that Serviweb has just given."""
        self._legible.update(_meant(values))
        self._compile()

    def text(self, value: str) -> str:
        """Return the string with everything private replaced by dots."""
        if len(value) > _CACHE_LENGTH:
            return dotted(value, self.spans(value))
        cache = self._cache  # of the values known now: another thread may add some meanwhile
        known = cache.get(value)
        if known is None:
            known = cache[value] = dotted(value, self.spans(value))
            if len(cache) > _CACHE_ENTRIES:
                cache.clear()
        return known

    def named(self, name: str, value: str) -> str:
        """Mask a value that stands beside its name: an attribute, a key, a field's label."""
        if name.endswith("sha256") and _SHA256.fullmatch(value):
            return value  # ten of its digits in a row are no phone
        masked = self.text(value)
        if masked == value and (_SECRET_NAME.search(name) or _DOCUMENT_NAME.search(name)):
            word = "clave" if _SECRET_NAME.search(name) else "documento"
            return self.text(f"{word}={value}")[len(word) + 1 :]
        return masked

    def data(self, value: T) -> T:
        """Return a copy of strings, lists and dictionaries, keys included, with everything private hidden."""
        return cast("T", self._data(value))

    def finds(self, value: str) -> bool:
        """Tell whether the string holds something private."""
        return self.text(value) != value

    @property
    def has_words(self) -> bool:
        """Whether a private value of the case has no digit, such as a password."""
        return any(not any(char.isdigit() for char in value) for value in self._private)

    def finds_value(self, value: str) -> bool:
        """Tell whether one of the case's own private values stands in the string."""
        return any(True for _ in self._kept(value, self._by_value(value)))

    def typing(self, value: str) -> bool:
        """Tell whether the string is a private value that is still being typed: its first three characters or more."""
        shown = _bare(value)
        if len(shown) < _SMALLEST or any(legible.startswith(shown) for legible in self._bare_legible):
            return False
        return any(
            private.startswith(shown) or (len(shown) > _SMALLEST + 1 and shown in private)
            for private in self._bare_private
        )

    def own_code(self, value: str) -> bool:
        """Tell whether the string holds a mark of this case: its subscriber's code or one of Serviweb's numbers.

        Those are the legible values of one word with a digit; a ruta (`01-383`), an amount and a name belong to
        neighbours and namesakes too.
        """
        return bool(self._codes and self._codes.search(value))

    def spans(self, value: str, *, growing: bool = False) -> list[tuple[int, int]]:
        """Return the places to hide; with `growing` also a private value of which only the first half has arrived."""
        found = [*self._by_value(value)]
        if growing:
            found.extend(match.span() for pattern in self._growing() for match in pattern.finditer(value))
        found.extend(_by_form(value))
        return sorted(self._kept(value, found)) if found else []

    def _growing(self) -> list[re.Pattern[str]]:
        if self._grown is None:
            growing = [p for p in map(_beginnings, self._private) if p]
            self._grown = [re.compile("|".join(growing))] if growing else []
        return self._grown

    def _by_value(self, value: str) -> Iterator[tuple[int, int]]:
        for pattern in self._values:
            for match in pattern.finditer(value):
                yield match.span()

    def _kept(self, value: str, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Leave out what lies wholly inside a legible value."""
        for start, end in found:
            near = (max(0, start - self._longest), end + self._longest)
            bare = _bare(value[start:end])
            # A number can only lie in a legible value that has its digits; anything else is tried.
            patterns = (p for p, whole in self._readable if bare in whole or not bare.isdigit())
            legible = (match.span() for pattern in patterns for match in pattern.finditer(value, *near))
            if not any(first <= start and end <= last for first, last in legible):
                yield start, end

    def _data(self, value: Any, name: str = "") -> Any:
        match value:
            case str():
                return self.named(name, value) if name else self.text(value)
            case dict():
                return {self._data(key): self._data(item, str(key)) for key, item in value.items()}
            case list():
                return [self._data(item, name) for item in value]
            case tuple():
                return tuple(self._data(item, name) for item in value)
            case bool() | float() | None:
                return value
            case int():
                masked = self.named(name, str(value))
                return value if masked == str(value) else masked
            case _:
                return value

    def _compile(self) -> None:
        # Patterns name both cases themselves: without the flag, re jumps to the first letter.
        self._values = [re.compile(p) for p in map(_pattern, self._private) if p]
        readable = ((_pattern(value, whole=True), _bare(value)) for value in self._legible)
        self._readable = [(re.compile(pattern), bare) for pattern, bare in readable if pattern]
        self._longest = 4 * max(map(len, self._legible), default=0)  # characters, encoded
        self._grown = None  # only pictures ask for them
        codes = [re.escape(value) for value in self._legible if _CODE.fullmatch(value) and not _ROUTE.fullmatch(value)]
        self._codes = re.compile(rf"(?<![\w-])(?:{'|'.join(codes)})(?![\w-])") if codes else None
        self._bare_private = [bare for bare in map(_bare, self._private) if len(bare) >= _SMALLEST]
        self._bare_legible = [_bare(value) for value in self._legible]
        self._cache: dict[str, str] = {}


def _meant(values: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(value.strip() for value in values if value and value.strip())


_SECRET_NAME = re.compile(rf"(?<![^\W_])(?:{_SECRETS})(?![^\W\d_])", re.IGNORECASE)
_DOCUMENT_NAME = re.compile(rf"(?:^|[^a-z])(?:{_WORDS_OF_A_DOCUMENT})(?:$|[^a-z])", re.IGNORECASE)


def dotted(value: str, spans: Iterable[tuple[int, int]]) -> str:
    """Replace each span by dots, one a character; node boundaries stay where they are."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        first = max(start, at)
        pieces += [value[at:first], "".join(CUT if char == CUT else DOT for char in value[first:end])]
        at = end
    return "".join([*pieces, value[at:]]) if pieces else value


def _bare(value: str) -> str:
    return "".join(char for char in _plain(value).lower() if char.isalnum() or char == "@")


def _by_form(value: str) -> Iterator[tuple[int, int]]:
    """Yield where an e-mail, a phone, a secret or a document number stands, whoever's it is."""
    if len(value) < _SHORT:
        return
    if any(sign in value for sign in _EMAIL_SIGNS):
        yield from (match.span() for match in _EMAIL.finditer(value))
    low = value.lower()
    if any(sign in low for sign in _SECRET_SIGNS):
        yield from (match.span("value") for pattern in (_SECRET, _BEARER) for match in pattern.finditer(value))
    if _MANY_DIGITS.search(value):
        yield from _documents(value)
        for match in _PHONE.finditer(value):
            if not _is_serviweb_number(value[max(0, match.start() - 40) : match.start()], match.group()):
                yield match.span()


def _documents(value: str) -> Iterator[tuple[int, int]]:
    """Yield the long numbers that stand beside the name of a document."""
    at = 0
    while match := _NUMBER.search(value, at):
        start, end = match.span()
        before, amount = value[max(0, start - _BEFORE) : start], value[start - 1 : start] in (".", ",")
        if _DOCUMENT_BEFORE.search(before) or (not amount and _DOCUMENT_BEHIND.match(value, end)):
            yield start, end
        at = end


def _is_serviweb_number(before: str, number: str) -> bool:
    """Tell amounts and Serviweb's own numbers from phones, by the words in front; a country code leaves no doubt."""
    if number.lstrip("(").startswith(("+", "%2B", "00")) or _CALL.search(before[-20:]):
        return False
    return bool(_MONEY.search(before) or _OWN_NUMBER.search(before))
