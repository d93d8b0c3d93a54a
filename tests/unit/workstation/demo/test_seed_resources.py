"""The resources of a planned case: counts, references, text made safe."""

import base64
import hashlib
import json
import re
from typing import Any

from tests.kit.seeded import NOW, small_plan
from workstation.demo.people import shared_resources
from workstation.demo.seed_resources import arrived_resources, first_resources


def _by_id(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{r['resourceType']}/{r['id']}": r for r in resources}


def test_studies_have_no_counts_until_their_images_arrive() -> None:
    first = _by_id(first_resources(small_plan(), NOW))["ImagingStudy/study-small"]
    then = _by_id(arrived_resources(small_plan(), NOW))["ImagingStudy/study-small"]
    assert (first["numberOfSeries"], first["numberOfInstances"]) == (0, 0)
    assert "series" not in first
    assert (then["numberOfSeries"], then["numberOfInstances"]) == (1, 2)
    assert len(then["series"][0]["instance"]) == 2


def test_the_task_says_that_images_arrive_until_they_have() -> None:
    first = _by_id(first_resources(small_plan(), NOW))["Task/case-small"]
    then = _by_id(arrived_resources(small_plan(), NOW))["Task/case-small"]
    assert first["businessStatus"] == {"text": "images arriving (0 of 3)"}
    assert first.keys() - then.keys() == {"businessStatus"}


def test_every_reference_leads_to_a_resource() -> None:
    resources = [*shared_resources(), *first_resources(small_plan(), NOW)]
    referred = set(re.findall(r'"reference": "([^"]+)"', json.dumps(resources)))
    assert referred
    assert referred <= _by_id(resources).keys()


def test_the_case_is_due_after_it_was_authored() -> None:
    task = _by_id(first_resources(small_plan(), NOW))["Task/case-small"]
    assert task["restriction"]["period"]["end"] == "2026-11-24T21:15:30+00:00"
    assert task["authoredOn"] < task["restriction"]["period"]["end"]


def test_question_and_history_stand_in_the_order() -> None:
    order = _by_id(first_resources(small_plan(), NOW))["ServiceRequest/order-study-small"]
    assert order["reasonCode"] == [{"text": "Stable?"}]
    assert order["note"] == [{"text": "None & nothing <else>."}]


def test_the_prior_report_is_readable_and_states_its_size_and_digest() -> None:
    report = _by_id(first_resources(small_plan(), NOW))["DiagnosticReport/report-study-old"]
    form = report["presentedForm"][0]
    page = base64.b64decode(form["data"])
    assert b"<p>a &lt; b</p>" in page
    assert form["size"] == len(page)
    assert base64.b64decode(form["hash"]) == hashlib.sha1(page, usedforsecurity=False).digest()
    assert report["conclusion"] == "No."


def test_only_the_endpoint_waits_for_the_servers_address() -> None:
    resources = [*shared_resources(), *first_resources(small_plan(), NOW)]
    waiting = [r["resourceType"] for r in resources if "{dicomweb}" in json.dumps(r)]
    assert waiting == ["Endpoint"]
