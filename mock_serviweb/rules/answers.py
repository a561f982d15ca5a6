"""The two ways in which Serviweb says no."""


class NotFound(Exception):  # noqa: N818 — an answer, not an error of the program
    """What was asked for does not exist or may not be used; the message is the sentence on the screen."""


class NotSaved(Exception):  # noqa: N818 — an answer, not an error of the program
    """A business rule refuses to save; the message is the reason, the screen puts «No se guardó:» before it."""

    def __str__(self) -> str:
        return f"No se guardó: {super().__str__()}"

    @classmethod
    def because(cls, refusal: NotFound) -> "NotSaved":
        """Turn a refused look-up into the reason why nothing was saved."""
        sentence = str(refusal)
        return cls(sentence[:1].lower() + sentence[1:])
