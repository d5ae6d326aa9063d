"""HTML doors: the pages of invited people, signing in, and the console.

Calls use cases and the domain, never storage, mail or auth. A handler reads a form, asks a use case in one
transaction and renders a template; it never decides. `pages` is what all handlers are made of.
"""

# The first segments of the paths that are served here; everything else is the API's.
PATHS = frozenset({"", "invite", "invitation", "sign-in", "sign-out", "account", "console", "static"})


def serves(path: str) -> bool:
    """Tell whether a path is a page's."""
    return path[1:].partition("/")[0] in PATHS and not path.startswith("//")
