"""The stops of the tour, read from `tour_stops.yaml`, and what is done before a page is photographed."""

from pathlib import Path
from typing import Literal

import yaml
from playwright.async_api import Page
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Step(BaseModel):
    """One thing that is done: exactly one of these, `value` for a field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open: str = ""
    follow: str = ""
    fill: str = ""
    choose: str = ""
    value: str = Field(default="", alias="with")
    drawn: bool = False

    async def do(self, page: Page) -> None:
        """Do it."""
        place = page.locator(self.open or self.follow or self.fill or self.choose or "body").first
        if self.open:
            await place.click()
            await place.scroll_into_view_if_needed()
        elif self.follow:
            async with page.expect_navigation():
                await place.click()
        elif self.fill:
            await place.fill(self.value)
        elif self.choose:
            await place.select_option(self.value)
        else:
            await _drawn(page)


class Stop(BaseModel):
    """One picture: whose page, from which second on, what is done there before, and words for duty staff."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    words: str
    path: str
    role: str = "duty"
    after: float = 0
    phone: bool = False
    scheme: Literal["light", "dark"] = "light"
    whole: bool = True
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the screen in pixels."""
        return (390, 780) if self.phone else (1280, 900)


def read_stops() -> tuple[Stop, ...]:
    """Return the stops in the order in which people meet them; a faulty line stops the tour."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Stop, ...]).validate_python(yaml.safe_load(text))


async def _drawn(page: Page) -> None:
    """Wait for the first charts, which a browser leaves until they come into view."""
    await page.evaluate(
        """() => Promise.all([...document.images].slice(0, 3).map((image) => {
            image.loading = "eager";
            return image.decode();
        }))"""
    )
