"""Today: placeholder until it has its sections."""

from tui.screens.inbox import Inbox


class Today(Inbox):
    """Who waits."""

    tab = "Today"
    is_home = True
