"""How the API says that something can't be done: `{"motivo", "que_hacer", "campos"}`, whatever went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from robot.errors import RobotError
from robot.panel.api.modelos import Campo, Falla
from robot.panel.fallas import status_of
from robot.panel.palabras import en_pantalla
from robot.records.reserva import sin_nombres
from robot.records.store.engine import StoreDownError

_SAID: Final = {
    400: "No se entiende lo que se envió",
    404: "Esa dirección no existe",
    405: "Esa dirección no se usa con ese método",
    413: "El cuerpo es demasiado grande: caben 8 MB",
}
_WORDS: Final = {
    "missing": "falta",
    "extra_forbidden": "no es un campo",
    "string_type": "debe ser texto",
    "string_unicode": "trae caracteres que no se pueden guardar",
    "string_pattern_mismatch": "no tiene la forma esperada",
    "string_too_short": "no puede estar vacío",
    "string_too_long": "es demasiado largo: caben {max_length}",
    "int_type": "debe ser un número entero",
    "int_parsing": "debe ser un número entero",
    "int_from_float": "debe ser un número entero",
    "bool_type": "debe ser true o false",
    "bool_parsing": "debe ser true o false",
    "list_type": "debe ser una lista",
    "dict_type": "debe ser un objeto con campos",
    "model_attributes_type": "debe ser un objeto con campos",
    "literal_error": "debe ser {expected}",
    "greater_than_equal": "debe ser {ge} o más",
    "less_than_equal": "debe ser {le} o menos",
    "too_short": "no puede estar vacía",
    "too_long": "tiene demasiados elementos: caben {max_length}",
    "json_invalid": "no es JSON",
    "datetime_from_date_parsing": "no es una fecha y hora",
    "datetime_parsing": "no es una fecha y hora",
}


class FallaError(Exception):
    """What a route refuses, with its status."""

    def __init__(
        self,
        status: int,
        motivo: str,
        que_hacer: str | None = None,
        *,
        campos: Sequence[Campo] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(motivo)
        self.status = status
        self.falla = Falla(motivo=motivo, que_hacer=que_hacer, campos=list(campos))
        self.headers = dict(headers or {})


def answer(status: int, falla: Falla, headers: Mapping[str, str] | None = None) -> Response:
    """Return a failure as an answer; halves of letters that it may quote, which UTF-8 doesn't have, stand escaped."""
    body = json.dumps(falla.model_dump(), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, status, headers=dict(headers or {}), media_type="application/json")


def campos_of(errors: Sequence[Any]) -> list[Campo]:
    """Return what pydantic found wrong, in Spanish."""
    found = []
    for fault in errors:
        context = {key: str(value).replace("' or '", "' o '") for key, value in fault.get("ctx", {}).items()}
        text = _WORDS.get(fault["type"], str(fault["msg"]).removeprefix("Value error, ")).format_map(context)
        where = [str(part) for part in fault["loc"] if part not in ("body", "query", "path", "header")]
        found.append(Campo(campo=".".join(where) or "cuerpo", problema=text))
    return found


def _methods(api: FastAPI, request: Request) -> list[str]:
    """Return every method of an address, as the description has them: each route by itself knows only its own."""
    here = request.url.path.removeprefix(request.scope.get("root_path", ""))
    found = [methods for path, methods in api.openapi()["paths"].items() if compile_path(path)[0].match(here)]
    return sorted(method.upper() for methods in found for method in methods)


def install(api: FastAPI) -> None:
    """Register the handlers."""

    def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, FallaError)  # noqa: S101 — what it is registered for
        return answer(error.status, error.falla, error.headers)

    def robot_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RobotError)  # noqa: S101 — what it is registered for
        return answer(
            status_of(error),
            Falla(
                motivo=sin_nombres(en_pantalla(error.reason) or error.reason),
                que_hacer=en_pantalla(error.advice) or None,
            ),
        )

    def store_down(_request: Request, _error: Exception) -> Response:
        return answer(503, Falla(motivo="La base de datos no responde", que_hacer="Espere un momento y repita."))

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 — what it is registered for
        if error.status_code == 405:
            return answer(405, Falla(motivo=_SAID[405]), {"Allow": ", ".join(_methods(api, request))})
        return answer(error.status_code, Falla(motivo=_SAID.get(error.status_code, "No se pudo")), error.headers)

    def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 — what it is registered for
        said = Falla(
            motivo="Lo que se envió no tiene la forma esperada",
            que_hacer="Corrija los campos indicados y envíelo de nuevo.",
            campos=campos_of(error.errors()),
        )
        return answer(422, said)

    api.add_exception_handler(FallaError, refused)
    api.add_exception_handler(RobotError, robot_error)
    api.add_exception_handler(StoreDownError, store_down)
    api.add_exception_handler(HTTPException, http_error)
    api.add_exception_handler(RequestValidationError, invalid)
