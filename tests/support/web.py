"""ScriptedSite: a real web server on 127.0.0.1 that does what a test tells it to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class ScriptedSite:
    """Answers each path as scripted, 404 otherwise, and remembers every request. An async context manager."""

    requests: list[web.Request] = field(default_factory=list)
    url: str = ""
    _answers: dict[str, Answer] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def says(
        self, path: str, body: bytes = b"", *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> str:
        """Let a path answer the same every time; return its address."""

        async def answer(_request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers=headers)

        return self.does(path, answer)

    def does(self, path: str, answer: Answer) -> str:
        """Let a path be answered by a function; return its address."""
        self._answers[path] = answer
        return self.url + path

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self._answers.get(request.path)
        return await answer(request) if answer else web.Response(status=404)
