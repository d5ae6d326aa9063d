"""Templates of messages: those that come with the program, and the operator's own in front of them."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import jinja2

FOLDER = Path(__file__).parent / "templates"
_SUBJECT = "Subject:"


class BrokenTemplate(Exception):
    """A template cannot be rendered; the text names it and says why."""


class Rendered(NamedTuple):
    """A message in words: as its reader's program prefers it."""

    subject: str
    text: str
    html: str


class Templates:
    """Renders messages. folder: templates of one's own, which take the place of ours; None for none."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def _environment(self) -> "jinja2.Environment":
        import jinja2

        folders = [FOLDER] if self._folder is None else [self._folder, FOLDER]
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(folders),
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Return the message `name` in a language.

        Raises BrokenTemplate: ours never stands in for a broken one of the operator's.
        """
        subject, _, text = self._render(f"{name}/{language}.txt", values).partition("\n")
        if not subject.startswith(_SUBJECT):
            raise BrokenTemplate(f"template {name}/{language}.txt: its first line has to be {_SUBJECT} …")
        html = self._render(f"{name}/{language}.html", values)
        return Rendered(" ".join(subject.removeprefix(_SUBJECT).split()), text.strip() + "\n", html)

    def _render(self, path: str, values: Mapping[str, object]) -> str:
        try:
            return self._environment.get_template(path).render(values)
        except Exception as error:
            # A template of somebody else's may fail in every way.
            raise BrokenTemplate(f"template {path}: {type(error).__name__}: {error}") from error
