"""Every error the robot raises. The class is the treatment (docs/decisiones.md, *Errores*).

RobotError
├─ SettingsError    the installation is wrong: nothing starts                    exit 2
├─ Rejected         the request or Serviweb's answer says no: a person corrects  exit 3
│  ├─ LoginRefused  Serviweb does not let the user in: no other case tries again   exit 3
│  └─ PaymentUnconfirmed  Serviweb does not show the receipt as paid: waits on       exit 3
├─ StepFailed       nothing was sent: may be tried again                         exit 4
│  └─ SessionLost   logged out: log in again and restart the document           exit 4
├─ SelectorDrift    a control is missing or ambiguous before a commit           exit 5
│  └─ UnexpectedDialog  a box or window that the map doesn't know: stops        exit 5
├─ OutcomeUnknown   sent, outcome unknown: looked up, never sent again          exit 6
├─ Unfinished       something exists, the rest is missing: continued            exit 7
│  └─ UnexpectedPayment  recorded, and no case waits for it: a person attends to it  exit 7
├─ SiteDown         Serviweb does not answer: wait                              exit 8
├─ Fenced           another process owns the case: this one lets nothing out    exit 9
│  └─ UserBusy      another process works as this Serviweb user                 exit 9
├─ SentElsewhere    another case sent the same tercero, outcome open: waits     exit 9
├─ BrokenJournal   a case's journal was altered: a person compares with the copies   exit 10
├─ Quarantined     the database is older than the folders: nothing commits       exit 11
└─ Stopped         a person asked to stop, and nothing more was saved            exit 130
Rehearsed is no error: it ends a rehearsal at the commit that the gate refused (exit 0).
"""

from __future__ import annotations

from typing import Any, ClassVar


class RobotError(Exception):
    """El robot no pudo continuar."""

    exit_code: ClassVar[int] = 1
    remedy: ClassVar[str] = "Revise el detalle en la página del caso."

    def __init__(self, message: str = "", *, step: str = "", control: str = "", remedy: str = "") -> None:
        super().__init__(message or type(self).__doc__)
        self.step = step
        self.control = control
        self.advice = remedy or type(self).remedy

    @property
    def reason(self) -> str:
        """The Spanish sentence alone, with no step and no advice."""
        return str(self.args[0])

    def __str__(self) -> str:
        where = f"Paso {self.step}: " if self.step else ""
        return f"{where}{self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints: class, reason, step, control and advice."""
        return {
            "error": type(self).__name__,
            "motivo": self.reason,
            "paso": self.step or None,
            "control": self.control or None,
            "que_hacer": self.advice,
            "codigo_salida": self.exit_code,
        }


class SettingsError(RobotError):
    """La instalación está mal configurada; nada se inició."""

    exit_code = 2
    remedy = "Corrija lo indicado y ejecute «serviweb diagnostico»."


class Rejected(RobotError):
    """La solicitud, o la respuesta de Serviweb, dice que no."""

    exit_code = 3
    remedy = "Corrija lo indicado y vuelva a ejecutar."


class LoginRefused(Rejected):
    """Serviweb no dejó entrar al usuario."""

    remedy = "Revise usuario y contraseña antes de repetir: las cuentas se bloquean."


class PaymentUnconfirmed(Rejected):
    """Serviweb no muestra pagado el recibo."""

    remedy = "Compruebe el pago en la caja; cuando Serviweb lo muestre, regístrelo otra vez con «serviweb pago»."


class StepFailed(RobotError):
    """Un paso no llegó a su resultado; no se envió nada."""

    exit_code = 4
    remedy = "No se guardó nada: puede ejecutar de nuevo."


class SessionLost(StepFailed):
    """Serviweb cerró la sesión."""

    remedy = "No se guardó nada: puede ejecutar de nuevo; revise que nadie más use el mismo usuario."


class SelectorDrift(RobotError):
    """Un control de la pantalla no está, o hay varios."""

    exit_code = 5
    remedy = "Serviweb cambió o el mapa está mal: no siga; pida revisar el mapa de pantallas."


class UnexpectedDialog(SelectorDrift):
    """Apareció un aviso o una ventana que nadie esperaba."""

    remedy = "No se guardó nada. Lea el aviso en Serviweb y atiéndalo; luego ejecute de nuevo."


class OutcomeUnknown(RobotError):
    """Se envió a Serviweb y no se conoce el resultado."""

    exit_code = 6
    remedy = "Quedó EN DUDA. No repita el caso: consulte en Serviweb si el documento existe."


class Unfinished(RobotError):
    """Algo ya quedó guardado en Serviweb y falta el resto."""

    exit_code = 7
    remedy = "Continúe el caso con «serviweb continuar CASO»; nunca lo empiece de nuevo."


class UnexpectedPayment(Unfinished):
    """Se registró un pago que ningún caso esperaba."""

    remedy = "Véalo con «serviweb pagos lista» y atiéndalo."


class SiteDown(RobotError):
    """Serviweb no responde."""

    exit_code = 8
    remedy = "Espere a que Serviweb responda y ejecute de nuevo; no se guardó nada."


class Fenced(RobotError):
    """Otro proceso tiene este caso; este proceso no envía nada."""

    exit_code = 9
    remedy = "Espere a que termine el otro proceso y consulte el caso."


class UserBusy(Fenced):
    """Otro proceso está trabajando con este usuario de Serviweb."""

    remedy = "Vea con «serviweb cola estado» qué hace, espere a que termine, o use otro usuario."


class SentElsewhere(RobotError):
    """Otro caso envió este mismo tercero y no se sabe si quedó; aquí no se guardó nada."""

    exit_code = 9
    remedy = "Resuelva primero la duda del otro caso («serviweb dudas»)."


class BrokenJournal(RobotError):
    """El diario del caso fue alterado o está incompleto."""

    exit_code = 10
    remedy = "No ejecute el caso; avise al supervisor y compare con las copias de seguridad."


class Quarantined(RobotError):
    """La base de datos es más vieja que las carpetas; no se guarda nada hasta recuperar."""

    exit_code = 11
    remedy = "Ejecute «serviweb recuperar»: pasa a la base lo que saben las carpetas y consulta lo que falta saber."


class Stopped(RobotError):
    """Se pidió parar; no se guardó nada más."""

    exit_code = 130
    remedy = "Para seguir, ejecute de nuevo «serviweb cola trabajar» o «serviweb continuar CASO»."


class Rehearsed(Exception):
    """The rehearsal reached its commit and the gate refused it, as it must."""

    def __init__(self, kind: str, what: dict[str, Any]) -> None:
        super().__init__(kind)
        self.kind = kind
        self.what = what
