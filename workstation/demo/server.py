"""The demo platform as one server: sign-in, FHIR and DICOMweb over HTTPS on 127.0.0.1."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from workstation.demo.arrivals import Arrivals
from workstation.demo.dicomweb import DicomWeb
from workstation.demo.faults import AbortableProtocol, Faults, FaultyApp
from workstation.demo.fhir_api import FhirApi
from workstation.demo.fhir_store import FhirStore
from workstation.demo.files import replace_file
from workstation.demo.folder_lock import locked_folder
from workstation.demo.grants import Grants
from workstation.demo.identity import PASSPHRASE, ensure_identity
from workstation.demo.image_folder import ImageFolder
from workstation.demo.oidc import CLIENT_ID, SignIn
from workstation.demo.parent import wait_for_end_of
from workstation.demo.permissions import check_consent
from workstation.demo.problems import FHIR_JSON, Problem, answer_problem, outcome
from workstation.demo.readers import demo_readers
from workstation.demo.seeding import Cases, Seeding, Seeds
from workstation.demo.tls import TlsFiles, ensure_tls
from workstation.demo.tokens import Addresses, TokenService

_USER = "dr-ito"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; port 0 takes a free one."""

    state: Path
    port: int = 0
    data: Path | None = None
    ready_file: Path | None = None
    parent: int | None = None
    faults: bool = False


def run(options: Options, load: Cases, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM, SIGINT or the parent's end; ``say`` prints one line.

    Raises FolderInUseError, StoreDamagedError, OSError when it cannot start.
    """
    with locked_folder(options.state), _listening(options.port) as listener:
        addresses = Addresses(f"https://127.0.0.1:{listener.getsockname()[1]}")
        tls = ensure_tls(options.state / "tls")
        store = FhirStore(options.state / "fhir" / "records.log")
        images = ImageFolder(options.state / "images")
        images.add_stored()
        arrivals = Arrivals()
        seeding = Seeding(
            store=store,
            images=images,
            arrivals=arrivals,
            folder=options.state / "images",
            dicomweb=addresses.dicomweb,
            say=say,
            load=load,
            data=options.data,
        )
        app = _application(options, addresses, store, images, arrivals)
        ready = _ready(options, addresses, tls)
        try:
            ready |= _told_of_folder(seeding.put_resources())
            server = _Server(_configuration(app, tls), options, ready, say)
            seeding.start()
            server.run(sockets=[listener])
        finally:
            seeding.stop()
            store.close()


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OSError(f"port {port} of 127.0.0.1 cannot be used: {error.strerror}") from error
    return listener


def _application(
    options: Options,
    addresses: Addresses,
    store: FhirStore,
    images: ImageFolder,
    arrivals: Arrivals,
) -> ASGIApp:
    grants = Grants()
    tokens = TokenService(options.state / "oidc" / "key.json", addresses, grants.alive)
    sign_in = SignIn(addresses, tokens, grants, lambda: demo_readers(store))
    fhir = FhirApi(store, tokens, addresses, arrivals, f"Lightbox demo platform {_version()}")

    def consent(study: str) -> None:
        check_consent(store, study, store.now())

    faults = Faults(store, tokens.expire_all)
    routes = [
        *sign_in.routes(),
        *fhir.routes(),
        *DicomWeb(images, tokens, addresses, consent).routes(),
        *(faults.routes() if options.faults else ()),
    ]
    handlers: dict[Any, Any] = {
        Problem: answer_problem,
        HTTPException: _answer_http,
        Exception: _answer_fault,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    return FaultyApp(app, faults) if options.faults else app


def _configuration(app: ASGIApp, tls: TlsFiles) -> uvicorn.Config:
    log = logging.getLogger("uvicorn.error")
    log.propagate = False
    log.addHandler(logging.NullHandler())  # _answer_fault has said it, without the request
    return uvicorn.Config(
        app,
        http=AbortableProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        ssl_certfile=tls.certificate,
        ssl_keyfile=tls.key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
    )


def _ready(options: Options, addresses: Addresses, tls: TlsFiles) -> dict[str, Any]:
    identity = ensure_identity(options.state / "identity")
    return {
        "pid": os.getpid(),
        "base": addresses.base,
        "fhir": addresses.fhir,
        "dicomweb": addresses.dicomweb,
        "ca": str(tls.authority.resolve()),
        "client_id": CLIENT_ID,
        "user": _USER,
        "pkcs12": str(identity.pkcs12.resolve()),
        "signing_certificate": str(identity.certificate.resolve()),
        "trust": str(identity.authority.resolve()),
        "passphrase": PASSPHRASE,
    }


def _told_of_folder(seeds: Seeds) -> dict[str, Any]:
    left_out = [{"name": name, "reason": reason} for name, reason in seeds.left_out]
    return {"left_out": left_out, "names": dict(seeds.names)}


class _Server(uvicorn.Server):
    """uvicorn that says when it accepts connections, and ends without a fuss."""

    def __init__(
        self,
        config: uvicorn.Config,
        options: Options,
        ready: dict[str, Any],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(config)
        self._options = options
        self._ready = ready
        self._say = say
        # uvicorn raises the signal again at its end, into these handlers: an exit status of 0.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for business, then tell."""
        await super().startup(sockets)
        if self._options.ready_file is not None:
            replace_file(self._options.ready_file, json.dumps(self._ready, indent=1).encode())
        self._say(f"The demo platform is at {self._ready['base']} (not for clinical use)")

    async def main_loop(self) -> None:
        """Serve until told to end or until the parent has gone."""
        async with self._watching_parent():
            await super().main_loop()

    def _watching_parent(self) -> AbstractAsyncContextManager[None]:
        return _watch(self._options.parent, self._end)

    def _end(self) -> None:
        self.should_exit = True


@asynccontextmanager
async def _watch(pid: int | None, gone: Callable[[], None]) -> AsyncIterator[None]:
    if pid is None:
        yield
        return
    watch = asyncio.ensure_future(wait_for_end_of(pid))
    watch.add_done_callback(lambda task: None if task.cancelled() else gone())
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _answer_http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = "This method is not offered here." if status == 405 else "There is nothing here."
    code = "not-supported" if status == 405 else "not-found"
    return JSONResponse(outcome(code, sentence), status, media_type=FHIR_JSON)


async def _answer_fault(request: Request, error: Exception) -> Response:
    places = [
        f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)
    ]
    # Type and place only: the text of an error may quote a patient's data.
    sys.stderr.write(f"fault: {type(error).__name__} at {' '.join(places[-4:])}\n")
    return answer_problem(request, error)


def _version() -> str:
    try:
        return version("lightbox-workstation")
    except PackageNotFoundError:
        return "from source"
