"""One open case: its images, draft and annotations; jump and re-measure go through here."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from psygnal import Signal

from reporting.drafts import new_draft
from reporting.errors import NotSignable
from reporting.finalise import finalise, presign_issues, preview_pdf
from reporting.model.issue import Issue, Severity
from reporting.model.report import Reader, ReportContext, ReportDraft
from reporting.model.signed import SignedReport
from reporting.rules.presign import PresignRules
from reporting.signing.pkcs12 import Pkcs12Signer
from reporting.templates import Template, pick_template
from viewer.measure.registry import Measured
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.key_mark import KeyMark
from viewer.model.measurement import MeasurementId
from viewer.model.refs import FrameRef, StudyUid
from workstation.errors import UserFacingError
from workstation.logs import Log
from workstation.model.case import Case
from workstation.model.delivery import Receipt
from workstation.session.context import report_context
from workstation.session.desk import Clock
from workstation.session.findings import finding_of
from workstation.session.identity import mismatch
from workstation.session.lanes import CancelToken, Lane, Lanes
from workstation.session.levels import Level
from workstation.session.loading import LoadedStudy, StudyLoader
from workstation.session.sentences import sentence_for
from workstation.session.viewing import Viewing
from workstation.store.cases import CaseStore, Readiness
from workstation.store.drafts import DraftStore
from workstation.store.outbox import Outbox
from workstation.store.seen import SeenStore

NOT_SAVED = "NOT SAVED"
"""How the notice begins that also holds when its case is closed."""


@dataclass(frozen=True, slots=True)
class CaseImages:
    """What can be shown of a case now."""

    current: LoadedStudy | None
    priors: tuple[LoadedStudy, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What was found when a case was opened."""

    draft: ReportDraft
    annotations: tuple[Annotation, ...]
    signed: SignedReport | None
    receipt: Receipt | None = None
    seen: frozenset[FrameRef] = frozenset()
    """What the reader saw of the case earlier."""
    key_marks: tuple[KeyMark, ...] = ()


class ReadingSession:
    """Keeps the case, its images, its draft and its annotations together while they are read."""

    images_changed = Signal(object)
    opened = Signal(object)
    unopened = Signal(str)
    """Why draft and annotations cannot be had: the case can be looked at, not reported."""
    draft_saved = Signal(int, object)
    draft_not_saved = Signal()
    jumped = Signal(object)
    """Edge 1: a finding was asked for; the viewport goes to this FrameRef."""
    remeasured = Signal(object)
    """Edge 2: an annotation changed; the draft takes the new number."""
    removed = Signal(str)
    """Edge 2 as well: the annotation of this measurement was deleted."""
    notice = Signal(Level, str)

    def __init__(
        self,
        *,
        case: Case,
        reader: Reader,
        lanes: Lanes,
        store: CaseStore,
        drafts: DraftStore,
        seen: SeenStore,
        outbox: Outbox,
        loader: StudyLoader,
        templates: Sequence[Template],
        rules: PresignRules,
        resources: Path,
        clock: Clock,
    ) -> None:
        """Hold everything; ``start`` begins the work."""
        self.case = case
        self.reader = reader
        self._lanes = lanes
        self._store = store
        self._drafts = drafts
        self._outbox = outbox
        self._loader = loader
        self._templates = tuple(templates)
        self._rules = rules
        self._resources = resources
        self._clock = clock
        self._log = Log("reading")
        self._loading = False
        self._load_again = False
        self._closed = False
        self._ready = False
        self._signing = False
        self._kept = 0
        self._headers = b""
        self._readiness = Readiness(0, 0)
        self.images = CaseImages(None, ())
        self.annotations: tuple[Annotation, ...] = ()
        self.key_marks: tuple[KeyMark, ...] = ()
        self.mismatch = ""
        self.viewing = Viewing(case.id, seen, lanes, self._seen_not_kept)

    def start(self) -> None:
        """Load draft and annotations, then what is here of the images.

        In this order: nothing drawn is kept before what was drawn earlier is here.
        """
        self._lanes.run(self._open, self._opened, self._not_opened, lane=Lane.STORE)

    def close(self) -> None:
        """Deliver nothing more, but that something could not be saved."""
        self._closed = True

    def context(self) -> ReportContext:
        """Give the report's context as things stand now."""
        return report_context(
            self.case,
            self.reader,
            image_headers=self._headers,
            held=self._readiness.held,
            expected=max(self._readiness.expected, self.case.study.instances),
            sop_classes=self._sop_classes(),
            seen=self.viewing.counts(self.images.current),
        )

    def _sop_classes(self) -> dict[str, str]:
        shown = [s for s in (self.images.current, *self.images.priors) if s is not None]
        return {
            instance.ref.sop: instance.sop_class
            for loaded in shown
            for series in loaded.study.series
            for instance in series.instances
        }

    def images_arrived(self) -> None:
        """Look for new instances; calls while one look runs are answered by one more look."""
        if self._loading:
            self._load_again = True
            return
        self._loading = True
        self._lanes.run(self._load, self._loaded, self._load_failed, lane=Lane.WORK)

    def keep_draft(self, draft: ReportDraft) -> None:
        """Store a revision; ``draft_saved`` follows only after the store has committed it."""

        def done(_: None) -> None:
            if not self._closed:
                self.draft_saved.emit(draft.revision, self._clock())

        def refused(error: Exception) -> None:
            self._not_saved(error)
            if not self._closed:
                self.draft_not_saved.emit()

        self._kept = draft.revision
        self._lanes.run(lambda _: self._drafts.save(draft), done, refused, lane=Lane.STORE)

    def saved_again(self, cases: Collection[str]) -> None:
        """What was refused earlier is stored now, of these cases."""
        if self.case.id in cases and not self._closed:
            self.draft_saved.emit(self._kept, self._clock())

    def keep_annotations(self, annotations: tuple[Annotation, ...]) -> None:
        """Store the annotations as they are now, and tell which measurements went with some."""
        if not self._ready:  # saving now would put nothing over what was drawn earlier
            if annotations:
                self._not_saved(UserFacingError("The earlier measurements could not be opened."))
            return
        gone = {a.id for a in self.annotations} - {a.id for a in annotations}
        self.annotations = annotations
        self._lanes.run(
            lambda _: self._drafts.save_annotations(self.case.id, annotations),
            lambda _: None,
            self._not_saved,
            lane=Lane.STORE,
        )
        for ident in gone:
            self.removed.emit(_measurement(ident))

    def keep_key_marks(self, marks: tuple[KeyMark, ...]) -> None:
        """Store which images are marked as key images now."""
        if not self._ready:  # saving now would put nothing over what was marked earlier
            if marks:
                self._not_saved(UserFacingError("The earlier key images could not be opened."))
            return
        self.key_marks = marks
        self._lanes.run(
            lambda _: self._drafts.save_key_marks(self.case.id, marks),
            lambda _: None,
            self._not_saved,
            lane=Lane.STORE,
        )

    def jump(self, place: FrameRef) -> None:
        """Edge 1: from a finding to its image."""
        self.jumped.emit(place)

    def remeasure(self, made: Measured) -> None:
        """Edge 2: from an edited annotation to the draft."""
        self.remeasured.emit(finding_of(made))

    def issues(self, draft: ReportDraft, *, incomplete_accepted: bool) -> tuple[Issue, ...]:
        """What blocks or warns; a patient mismatch and a block of the case always block.

        Raises ExportFailed when the headers of the images cannot be read.
        """
        found = presign_issues(
            draft, self.context(), self._rules, incomplete_acknowledged=incomplete_accepted
        )
        return (*self._own_issues(), *found)

    def preview(self, draft: ReportDraft, done: Callable[[bytes], None]) -> None:
        """Make the PDF as it would be signed, marked as a draft; not for a case that was closed."""
        context = self.context()
        self._lanes.run(
            lambda _: preview_pdf(draft, context, resources=self._resources),
            lambda pdf: None if self._closed else done(pdf),
            self._told,
            lane=Lane.WORK,
        )

    def sign(
        self,
        draft: ReportDraft,
        *,
        pkcs12: Path,
        passphrase: str,
        incomplete_accepted: bool,
        done: Callable[[SignedReport], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Sign all forms and put them into the outbox; ``done`` only once they are stored.

        A second call before the first has failed is refused. What was begun is brought to its end
        also when the case is closed meanwhile.
        """
        refusal = self._refusal()
        if refusal is not None:
            failed(refusal)
            return
        self._signing = True

        def again(error: Exception) -> None:
            self._signing = False
            failed(error)

        context = self.context()
        annotations = {a.id: a for a in self.annotations}
        now = self._clock()

        def work(_: CancelToken) -> SignedReport:
            signer = Pkcs12Signer.open(pkcs12, passphrase)
            return finalise(
                draft,
                context,
                signer,
                rules=self._rules,
                now=now,
                resources=self._resources,
                annotations=annotations,
                incomplete_acknowledged=incomplete_accepted,
                version=self._outbox.next_version(draft.id),
            )

        def made(report: SignedReport) -> None:
            self._lanes.run(
                lambda _: self._outbox.add_signed(report, self.case),
                lambda _key: done(report),
                again,
                lane=Lane.STORE,
            )

        self._lanes.run(work, made, again, lane=Lane.WORK)

    def _refusal(self) -> Exception | None:
        if self._signing:
            return UserFacingError("This report is being signed, or is signed already.")
        own = self._own_issues()
        return NotSignable(own) if own else None

    def _own_issues(self) -> tuple[Issue, ...]:
        words = [block.why for block in self.case.blocks]
        found = [Issue("case.blocked", Severity.BLOCK, "", why) for why in words]
        if self.mismatch:
            found.insert(0, Issue("identity.images", Severity.BLOCK, "", self.mismatch))
        return tuple(found)

    def _open(self, _: CancelToken) -> Opening:
        draft = self._drafts.newest(self.case.id)
        if draft is None:
            context = self.context()
            study = context.study
            template = pick_template(
                self._templates, study.modality, study.body_part, study.description
            )
            draft = new_draft(context, template, self._clock(), self.reader.display)
            self._drafts.save(draft)
        case = self.case.id
        return Opening(
            draft,
            self._drafts.annotations(case),
            self._outbox.signed(case),
            self._outbox.receipt(case),
            self.viewing.read(),
            self._drafts.key_marks(case),
        )

    def _opened(self, opening: Opening) -> None:
        if self._closed:
            return
        self._ready = True
        self.annotations = opening.annotations
        self.key_marks = opening.key_marks
        self.viewing.restore(opening.seen)
        self.opened.emit(opening)
        self.images_arrived()

    def _not_opened(self, error: Exception) -> None:
        self._log.error("open", error)
        if self._closed:
            return
        words = f"Draft and measurements of this case cannot be opened: {sentence_for(error)}"
        self.unopened.emit(words)
        self.notice.emit(Level.ERROR, words)
        self.images_arrived()

    def _load(self, _: CancelToken) -> tuple[CaseImages, bytes, Readiness]:
        uid = StudyUid(self.case.study.identity.uid)
        current = self._loader.load(uid)
        loaded = [self._loader.load(StudyUid(p.identity.uid)) for p in self.case.priors]
        headers = self._headers
        if current is not None and not headers:
            headers = self._loader.header_of(current)
        priors = tuple(p for p in loaded if p is not None)
        return CaseImages(current, priors), headers, self._store.readiness(uid)

    def _loaded(self, result: tuple[CaseImages, bytes, Readiness]) -> None:
        self._loading = False
        if self._closed:
            return
        self.images, self._headers, self._readiness = result
        self._compare_identity()
        self.images_changed.emit(self.images)
        self._look_again()

    def _look_again(self) -> None:
        if self._load_again and not self._closed:
            self._load_again = False
            self.images_arrived()

    def _compare_identity(self) -> None:
        shown = [s for s in (self.images.current, *self.images.priors) if s is not None]
        words = next((w for s in shown if (w := mismatch(self.case.patient, s.study.patient))), "")
        if words and words != self.mismatch:
            self.notice.emit(Level.ERROR, words)
        self.mismatch = words

    def _load_failed(self, error: Exception) -> None:
        self._loading = False
        self._told(error)
        self._look_again()

    def _told(self, error: Exception) -> None:
        if not self._closed:
            self.notice.emit(Level.ERROR, sentence_for(error))

    def _seen_not_kept(self, error: Exception) -> None:
        words = f"Which images you have seen cannot be kept: {sentence_for(error)}"
        if not self._closed:
            self.notice.emit(Level.WARNING, words)

    def _not_saved(self, error: Exception) -> None:
        self._log.error("not saved", error)
        self.notice.emit(
            Level.ERROR,
            f"{NOT_SAVED}: {sentence_for(error)} What you wrote and measured in case "
            f"{self.case.number} is in memory only, until it can be saved; do not quit Lightbox.",
        )


def _measurement(annotation: AnnotationId) -> MeasurementId:
    return MeasurementId(annotation)  # one measurement an annotation, under the same id
