"""The login page: a plain form where a person, or a test, chooses a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = """
body { font: 16px/1.5 sans-serif; background: #1b1f24; color: #e6e8eb; margin: 0; }
main { max-width: 26rem; margin: 12vh auto; padding: 2rem; background: #262b31; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
p { color: #b4bac2; }
select, button { display: block; width: 100%; margin: .5rem 0 1rem; padding: .8rem;
  font: inherit; color: #fff; background: #363d45; border: 0; box-sizing: border-box; }
button { background: #2f6fb0; cursor: pointer; }
button:hover, button:focus { background: #3b82c9; }
"""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self' http://127.0.0.1:*"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class DemoReader:
    """A reader who can sign in: short name, PractitionerRole/<id>, and the name shown."""

    user: str
    role: str
    name: str


def login_page(interaction: str, readers: Sequence[DemoReader], action: str) -> str:
    """Build the page: the form posts ``interaction`` (hidden) and ``user`` to ``action``."""
    choices = "".join(
        f'<option value="{escape(r.user)}">{escape(r.name)}</option>' for r in readers
    )
    form = (
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="interaction" value="{escape(interaction)}">'
        f'<label for="user">Reader</label><select id="user" name="user">{choices}</select>'
        '<button type="submit">Sign in</button></form>'
    )
    intro = "This is a demo and not for clinical use. No password is needed: choose a reader."
    return _page("Sign in to the demo platform", f"<p>{intro}</p>{form}")


def refusal_page(sentence: str) -> str:
    """Build the page shown when the request cannot be trusted enough to redirect."""
    return _page("Sign-in is not possible", f"<p>{escape(sentence)}</p>")


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
