"""Foreign HTML becomes plain text; nothing of it runs, loads or hides."""

import base64

import pytest

from tests.kit.fhir import html_form
from workstation.platform.fhir_text import plain_text, report_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<h2>A</h2><ol><li>x</li><li>y &lt; z</li></ol>", "A\n\n- x\n- y < z"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<table><tr><td>4</td><td>mm</td></tr><tr><td>5</td></tr></table>", "4 mm\n5"),
        ("<title>T</title><style>p{}</style><script>alert(1)</script><p>ok</p>", "ok"),
        ('<img src="file:///etc/passwd"><a href="https://evil.example">link</a>', "link"),
        ("<p>white\n   space&nbsp;stays one</p>", "white space stays one"),
        ("<p>right\u202eleft\u0000</p>", "rightleft"),
        ("", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_conclusion_is_added_only_where_it_is_missing() -> None:
    form = html_form("<p>Lungs clear.</p><p>No embolism.</p>")
    assert report_text({"conclusion": "No  embolism", "presentedForm": [form]}).count("No") == 1
    said = report_text({"conclusion": "No fracture.", "presentedForm": [form]})
    assert said == "Lungs clear.\n\nNo embolism.\n\nNo fracture."
    assert report_text({"conclusion": "Alone."}) == "Alone."


def test_plain_form_and_narrative_stand_in_for_html() -> None:
    data = base64.b64encode(b"Line\r\nNext").decode()
    assert report_text({"presentedForm": [{"contentType": "text/plain", "data": data}]}) == (
        "Line\nNext"
    )
    assert report_text({"text": {"div": "<div><p>Narrative</p></div>"}}) == "Narrative"


@pytest.mark.parametrize("data", ["%%%", 7, None, "QQ"])
def test_broken_attachments_read_as_nothing(data: object) -> None:
    assert report_text({"presentedForm": [{"contentType": "text/html", "data": data}]}) == ""
