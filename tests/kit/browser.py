"""The reader's browser: ``python -m tests.kit.browser CA USER ADDRESS`` signs in on the real pages.

Named to the program through the variable BROWSER, so that it opens it as it opens any browser.
"""

import sys

import requests

from tests.kit.demo_client import LoginForm


def main(ca: str, user: str, address: str) -> None:
    """Open the sign-in page, choose the reader, and follow the way home to the program."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = ca
        page = session.get(address, timeout=20)
        form = LoginForm(page.text)
        if user not in form.users:
            raise SystemExit(f"the sign-in page offers {form.users}, not {user}")
        answer = session.post(form.action, data={**form.hidden, "user": user}, timeout=20)
        answer.raise_for_status()  # of the program's own page, at the end of the redirects


if __name__ == "__main__":
    main(*sys.argv[1:])
