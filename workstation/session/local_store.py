"""All that is kept on this computer, opened with one set of keys for one reader, closed as one."""

from dataclasses import dataclass
from pathlib import Path

from workstation.session.vault import DATABASE
from workstation.settings import Settings
from workstation.store.cases import CaseStore
from workstation.store.database import Database
from workstation.store.decoded import DecodedStore, Room
from workstation.store.drafts import DraftStore, Unsaved
from workstation.store.headers import KeptHeaders
from workstation.store.keys import Keys
from workstation.store.outbox import Outbox
from workstation.store.plain_images import IMAGES
from workstation.store.retention import Policy, Retention
from workstation.store.seen import SeenStore

_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LocalStore:
    """The rooms of the store, over one database."""

    database: Database
    cases: CaseStore
    decoded: DecodedStore
    headers: KeptHeaders
    drafts: DraftStore
    seen: SeenStore
    outbox: Outbox
    retention: Retention
    policy: Policy

    def close(self) -> None:
        """Remember what was decoded; close every file. Nothing may use it any more."""
        self.decoded.close()
        self.database.close()


def open_store(
    folder: Path, keys: Keys, settings: Settings, *, owner: str, unsaved: Unsaved | None
) -> LocalStore:
    """Open the store in a folder; raises StoreError.

    ``owner``: PractitionerRole/<id> of who is signed in. ``unsaved``: what an earlier one could
    not bring to the disk.
    """
    database = Database(folder / DATABASE, keys)
    try:
        cases = CaseStore(folder / IMAGES, database)
        room = Room(settings.number("cache.decoded_gb") * _GB)
        decoded = DecodedStore(folder / "decoded", database, cases.digest, room=room)
        return LocalStore(
            database=database,
            cases=cases,
            decoded=decoded,
            headers=KeptHeaders(decoded, cases.digests),
            drafts=DraftStore(database, unsaved),
            seen=SeenStore(database, reader=owner),
            outbox=Outbox(database, reader=owner),
            retention=Retention(database, cases, decoded),
            policy=Policy(settings.number("cache.days"), settings.number("cache.images_gb") * _GB),
        )
    except BaseException:
        database.close()
        raise
