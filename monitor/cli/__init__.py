"""Commands: parse, call, print. No decisions are made here."""

from monitor.cli.app import app, main

__all__ = ["app", "main"]
