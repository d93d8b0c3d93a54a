"""One table of settings: key, type, default, help; loading tells what it could not use."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: dotted key, default (its type is the setting's type), help in one sentence."""

    key: str
    default: Value
    help: str
    least: int | None = None
    most: int | None = None


TABLE: tuple[Setting, ...] = (
    Setting("platform.fhir", "", "Address of the platform's FHIR R4 service (https)."),
    Setting("platform.ca", "", "PEM file of the certificate authority to trust; empty: the usual."),
    Setting("platform.pins", "", "Base64 SHA-256 of two or more server keys; empty: any key."),
    Setting("platform.client_certificate", "", "PEM file that shows the platform who we are."),
    Setting("platform.client_key", "", "PEM file of its key; empty: it is in the same file."),
    Setting("platform.proxy", "", "Proxy to reach the platform through (http://host:port)."),
    Setting("platform.client_id", "lightbox", "Client id registered with the sign-in service."),
    Setting("platform.poll_seconds", 30, "How often the worklist is fetched.", 2, 3600),
    Setting("signing.pkcs12", "", "PKCS#12 file (.p12) that holds the signing key."),
    Setting("signing.certificate", "", "PEM file of the signing certificate, shown before use."),
    Setting("signing.trust", "", "PEM file of the authority that signing certificates chain to."),
    Setting("cache.frames_mb", 1500, "Memory for decoded images, megabytes.", 100, 64000),
    Setting("cache.decoded_gb", 20, "Disk for decoded images, gigabytes; 0: none.", 0, 10000),
    Setting("cache.images_gb", 200, "Disk for received images, gigabytes.", 1, 10000),
    Setting("cache.days", 30, "Days after which images that nobody opened are removed.", 1, 3650),
    Setting("lock.minutes", 10, "Minutes without input after which the store is locked.", 1, 240),
    Setting("window.text_percent", 100, "Size of text in the windows, percent.", 80, 200),
)

_KINDS = {str: "text in quotes", int: "a whole number", bool: "true or false"}
_BY_KEY = {setting.key: setting for setting in TABLE}


@dataclass(frozen=True, slots=True)
class Settings:
    """Values for every key of the table, and sentences about what could not be used."""

    values: Mapping[str, Value]
    problems: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        """Value of a text setting."""
        value = self.values[key]
        if not isinstance(value, str):
            raise TypeError(key)
        return value

    def number(self, key: str) -> int:
        """Value of a number setting."""
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(key)
        return value

    def file(self, key: str) -> Path | None:
        """Path of a file setting, None when empty."""
        value = self.text(key)
        return Path(value) if value else None

    def having(self, changes: Mapping[str, Value]) -> "Settings":
        """Give the same settings with some values changed."""
        unknown = set(changes) - set(_BY_KEY)
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        return Settings({**self.values, **changes}, self.problems)


def defaults() -> Settings:
    """Give the settings of a new installation."""
    return Settings({setting.key: setting.default for setting in TABLE})


def load(file: Path) -> Settings:
    """Read the file; what is absent or unusable keeps its default and is told in ``problems``."""
    start = defaults()
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return start
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        kind = type(error).__name__
        return Settings(start.values, (f"The settings file {file} cannot be read ({kind}).",))
    values = dict(start.values)
    problems: list[str] = []
    for key, value in _flat(tree):
        why = _refusal(key, value)
        if why:
            problems.append(f"Setting {key} in {file.name} is not used: {why}.")
        elif isinstance(value, str | int):
            values[key] = value
    return Settings(values, tuple(problems))


def save(settings: Settings, file: Path) -> None:
    """Write all values; a power cut leaves the old file or the new one. Raises OSError."""
    lines = ["# Settings of Lightbox. Each line: key = value.\n"]
    for setting in TABLE:
        value = settings.values[setting.key]
        lines.append(f"\n# {setting.help}\n{setting.key} = {_written(value)}\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _written(value: Value) -> str:
    """Give the value as TOML, whose strings differ from JSON's in what must be escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found.extend(_flat(value, f"{prefix}{key}."))
        else:
            found.append((prefix + key, value))
    return found


def _refusal(key: str, value: object) -> str:
    setting = _BY_KEY.get(key)
    if setting is None:
        return "no such setting"
    if type(value) is not type(setting.default):
        return f"{_KINDS[type(setting.default)]} is expected"
    if isinstance(value, int) and not isinstance(value, bool):
        if setting.least is not None and value < setting.least:
            return f"the least is {setting.least}"
        if setting.most is not None and value > setting.most:
            return f"the most is {setting.most}"
    return ""
