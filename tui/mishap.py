"""What is shown when Kith itself fails. This touches private parts of Textual; a test says when they change."""

import logging
import traceback

from rich.text import Text
from textual.app import App

from community.text import clean

log = logging.getLogger(__name__)


class Mishaps(App[None]):
    """Textual shows local variables with a traceback: they hold drafts, words of others, perhaps a secret. Not here."""

    def _fatal_error(self) -> None:
        from community.logs import mask  # noqa: PLC0415  late: it should never be needed

        error = self._exception
        told = "".join(traceback.format_exception(error)) if error is not None else "Something failed.\n"
        log.error("Kith failed", exc_info=error)
        words = "Kith met an error of its own and had to close. Nothing that was saved is lost.\n\n"
        self._exit_renderables.append(Text(clean(words + mask(told)).rstrip() + "\n"))
        self._close_messages_no_wait()
