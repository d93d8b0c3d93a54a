"""Report templates as data: which sections a report has, and what usually stands in them."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reporting.errors import TemplateError
from reporting.model.report import ReportContext, Section, SectionId, StudyIdentity
from reporting.model.visible import visible

_LARGEST = 256 * 1024
_FIELD = re.compile(r"(?<!\{)\{([a-z_]+(?:\.[a-z_]+)*)(?:\|([^{}|]*))?\}(?!\})")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SEVERAL = frozenset({"modalities", "body_parts"})
_KEYS = frozenset({"id", "title", "language", "section"}) | _SEVERAL
_NEEDED_SECTIONS = (SectionId.FINDINGS, SectionId.IMPRESSION)


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """One section as the template has it; ``text`` may hold merge fields: ``{question|none}``."""

    id: SectionId
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """One report template; empty ``modalities`` or ``body_parts`` fit any."""

    id: str
    title: str
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    sections: tuple[TemplateSection, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class RankedTemplate:
    """A template, how well it fits, and why."""

    template: Template
    score: int
    reasons: tuple[str, ...]


def load_templates(folder: Path) -> tuple[Template, ...]:
    """All ``*.toml`` templates of a folder, by id; TemplateError names the file and the fault."""
    found: dict[str, Template] = {}
    for file in sorted(folder.glob("*.toml")):
        template = read_template(_text_of(file), name=file.name)
        if template.id in found:
            raise TemplateError(f"{file.name}: another template already has the id {template.id}")
        found[template.id] = template
    if not found:
        raise TemplateError(f"there is no report template in the folder {folder.name}")
    return tuple(found.values())


def read_template(text: str, *, name: str) -> Template:
    """One template from its TOML text; ``name`` is the file's, for the sentence of an error."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name}: not a TOML file ({error})") from error
    if unknown := sorted(set(data) - _KEYS):
        raise TemplateError(f"{name}: unknown key {unknown[0]!r}")
    identifier = _string(data, "id", name)
    if not _ID.fullmatch(identifier):
        raise TemplateError(f"{name}: the id must be lower-case words joined by hyphens")
    return Template(
        id=identifier,
        title=_string(data, "title", name),
        modalities=_strings(data, "modalities", name),
        body_parts=_strings(data, "body_parts", name),
        sections=_sections(data.get("section"), name),
        language=str(data.get("language", "en")),
    )


def rank_templates(
    templates: Iterable[Template], modality: str, body_part: str, description: str = ""
) -> tuple[RankedTemplate, ...]:
    """Every template, the best first, each with its reasons; equal ones stay in their order."""
    ranked = [_rank(t, modality.upper(), body_part.upper(), description.upper()) for t in templates]
    return tuple(sorted(ranked, key=lambda entry: -entry.score))


def pick_template(
    templates: Sequence[Template], modality: str, body_part: str, description: str = ""
) -> Template:
    """The template that fits best; TemplateError when there is none to choose from."""
    ranked = rank_templates(templates, modality, body_part, description)
    if not ranked:
        raise TemplateError("there is no report template to choose from")
    return ranked[0].template


def merge(template: Template, context: ReportContext) -> tuple[Section, ...]:
    """The template's sections with its merge fields filled in.

    A field without a value becomes the words after its bar; without those it stays as it is, and
    the pre-sign rules find it.
    """
    return tuple(
        Section(section.id, section.title, _FIELD.sub(lambda m: _fill(m, context), section.text))
        for section in template.sections
    )


def unresolved_fields(text: str) -> tuple[str, ...]:
    """Merge fields that still stand in a text, as they are written."""
    return tuple(m.group(0) for m in _FIELD.finditer(text) if m.group(1) in _VALUES)


def _fill(found: re.Match[str], context: ReportContext) -> str:
    value = visible(_VALUES[found.group(1)](context)).strip()
    value = value.replace("{", "(").replace("}", ")")  # a chip or field comes from us alone
    if value:
        return value
    otherwise = found.group(2)
    return found.group(0) if otherwise is None else otherwise


def _comparison(study: StudyIdentity) -> str:
    return " ".join(part for part in (study.description or study.modality, study.date) if part)


def _comparisons(context: ReportContext) -> str:
    return "; ".join(_comparison(study) for study in context.comparisons)


def _comparison_dates(context: ReportContext) -> str:
    return ", ".join(study.date for study in context.comparisons if study.date)


_VALUES: Mapping[str, Callable[[ReportContext], str]] = {
    "comparison.dates": _comparison_dates,
    "comparison.studies": _comparisons,
    "history": lambda c: c.order.history,
    "question": lambda c: c.order.question,
    "referrer": lambda c: c.order.referrer,
    "study.accession": lambda c: c.study.accession,
    "study.body_part": lambda c: c.study.body_part,
    "study.date": lambda c: c.study.date,
    "study.description": lambda c: c.study.description,
    "study.modality": lambda c: c.study.modality,
}


def _rank(template: Template, modality: str, body_part: str, description: str) -> RankedTemplate:
    score = 0
    reasons: list[str] = []
    if modality and modality in template.modalities:
        score += 4
        reasons.append(f"made for {modality}")
    elif template.modalities:
        score -= 4
        reasons.append(f"made for {', '.join(template.modalities)}, not {modality or 'this study'}")
    else:
        reasons.append("fits any modality")
    if body_part and body_part in template.body_parts:
        score += 2
        reasons.append(f"made for {body_part.lower()}")
    elif named := next((p for p in template.body_parts if _names(description, p)), None):
        score += 1 if body_part else 2
        reasons.append(f"the study's description names {named.lower()}")
    elif template.body_parts:
        score -= 5  # below a general template: normal text of another body part must not stand
        reasons.append(f"made for {template.body_parts[0].lower()}")
    return RankedTemplate(template, score, tuple(reasons))


def _names(description: str, body_part: str) -> bool:
    return re.search(rf"\b{re.escape(body_part)}\b", description) is not None


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            raise TemplateError(f"{file.name}: larger than a template may be")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{file.name}: cannot be read as text") from error


def _string(data: Mapping[str, object], key: str, name: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise TemplateError(f"{name}: {key!r} must be words")
    return value.strip()


def _strings(data: Mapping[str, object], key: str, name: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TemplateError(f"{name}: {key!r} must be a list of words")
    return tuple(entry.upper() for entry in value)


def _sections(value: object, name: str) -> tuple[TemplateSection, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise TemplateError(f"{name}: there must be [[section]] tables")
    sections = tuple(_section(entry, name) for entry in value)
    ids = [section.id for section in sections]
    if len(set(ids)) != len(ids):
        raise TemplateError(f"{name}: a section stands twice")
    for needed in _NEEDED_SECTIONS:
        if needed not in ids:
            raise TemplateError(f"{name}: the section {needed.value!r} is missing")
    return sections


def _section(data: Mapping[str, object], name: str) -> TemplateSection:
    identifier = _string(data, "id", name)
    if identifier not in set(SectionId):
        raise TemplateError(f"{name}: {identifier!r} is not a section of a report")
    text = data.get("text", "")
    if not isinstance(text, str):
        raise TemplateError(f"{name}: the text of {identifier!r} must be words")
    for field in _FIELD.finditer(text):
        if field.group(1) not in _VALUES:
            raise TemplateError(f"{name}: unknown merge field {field.group(0)}")
    return TemplateSection(SectionId(identifier), _string(data, "title", name), text.strip())
