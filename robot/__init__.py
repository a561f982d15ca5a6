"""The Serviweb robot: the engine and its faces. Nothing is imported here, so that `--help` answers at once."""

__version__ = "0.1.0"
