"""The phantom cases: invented patients whose images are drawn by a program, with known truth."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from workstation.demo.phantoms_pet import SLICES as PET_SLICES
from workstation.demo.phantoms_pet import write_pet_ct
from workstation.demo.phantoms_radiograph import Shadows, integrate
from workstation.demo.phantoms_scan import CURRENT, PRIOR, ChestModel, ChestScan, write_chest
from workstation.demo.phantoms_series import SLICES, write_head, write_radiographs
from workstation.demo.seed_case import PlannedCase
from workstation.demo.seed_plan import (
    ISSUER,
    CasePlan,
    Code,
    InstancePlan,
    PatientPlan,
    PriorPlan,
    SeriesPlan,
    StudyPlan,
    demo_uid,
)

_LOINC = "http://loinc.org"
_CT = "1.2.840.10008.5.1.4.1.1.2"
_CR = "1.2.840.10008.5.1.4.1.1.1"
_PT = "1.2.840.10008.5.1.4.1.1.128"
_CHEST, _CHEST_PRIOR = "study-chest-ct", "study-chest-ct-prior"
_HEAD = "study-head-ct"
_PET = "study-pet-ct"
_PLAIN, _PLAIN_PRIOR = "study-chest-cr", "study-chest-cr-prior"


def drawn_cases(seeded: datetime) -> list[PlannedCase]:
    """Give chest CT, head CT, PET/CT and chest radiographs, in the order of their urgency."""
    writer = PhantomWriter()
    plans = (_chest_ct(), _head_ct(), _pet_ct(), _chest_cr())
    return [PlannedCase(p, seeded, writer) for p in plans]


class PhantomWriter:
    """Draws the studies; the body of the chest is made once for all of them."""

    version = "phantoms 3"

    def __init__(self) -> None:
        self._chest = ChestModel()
        self._shadows: Shadows | None = None

    def write(
        self,
        plan: CasePlan,
        study: StudyPlan,
        folder: Path,
        *,
        seeded: datetime,
        written: Callable[[], None],
    ) -> None:
        """Draw one study."""
        if study.key == _HEAD:
            write_head(plan, study, folder, seeded=seeded, written=written)
        elif study.key == _PET:
            write_pet_ct(self._chest, plan, study, folder, seeded=seeded, written=written)
        elif study.key in {_PLAIN, _PLAIN_PRIOR}:
            prior = study.key == _PLAIN_PRIOR
            shadows = self._shadows or integrate(self._chest.body)
            self._shadows = shadows
            self._chest.forget()
            write_radiographs(
                shadows, plan, study, folder, prior=prior, seeded=seeded, written=written
            )
        else:
            scan: ChestScan = CURRENT if study.key == _CHEST else PRIOR
            write_chest(self._chest, scan, plan, study, folder, seeded=seeded, written=written)


def _series(study: str, number: int, kind: tuple[str, str], text: str, count: int) -> SeriesPlan:
    modality, part = kind
    sop_class = {"CT": _CT, "PT": _PT}.get(modality, _CR)
    return SeriesPlan(
        uid=demo_uid(study, number),
        number=number,
        modality=modality,
        description=f"{text} SYNTHETIC",
        body_part=part,
        instances=tuple(
            InstancePlan(demo_uid(study, number, k), sop_class) for k in range(1, count + 1)
        ),
    )


def _chest_ct() -> CasePlan:
    procedure = Code(_LOINC, "29252-4", "CT Chest WO contrast")
    kind = ("CT", "CHEST")
    prior = StudyPlan(
        _CHEST_PRIOR,
        demo_uid(_CHEST_PRIOR),
        "A-000061",
        "CT chest without contrast",
        procedure,
        timedelta(days=372, hours=3, minutes=41),
        (_series(_CHEST_PRIOR, 1, kind, "Chest 1.5 mm", PRIOR.slices),),
    )
    current = StudyPlan(
        _CHEST,
        demo_uid(_CHEST),
        "A-000101",
        "CT chest without contrast",
        procedure,
        timedelta(minutes=25),
        (_series(_CHEST, 1, kind, "Chest 1 mm", CURRENT.slices),),
    )
    findings = (
        "Solid nodule of 6 mm in the right upper lobe, well defined, without calcification.\n"
        "Nodule of 10 mm in the lingula and of 5 mm in the left lower lobe.\n"
        "No pleural effusion. Mediastinal lymph nodes not enlarged. Upper abdomen unremarkable."
    )
    impression = (
        "Solid pulmonary nodules, the one in the right upper lobe 6 mm.\n"
        "CT follow-up in 12 months recommended."
    )
    return CasePlan(
        key="chest-ct",
        number="C-000101",
        patient=PatientPlan(
            "patient-chest-ct", "DEMO-0001", ISSUER, "Demothorax", "Alba", "F", date(1962, 4, 18)
        ),
        study=current,
        priority="stat",
        due_in=timedelta(minutes=55),
        description="CT chest, report within 60 min",
        question="Cough and weight loss. Has the nodule in the right upper lobe grown?",
        history="Smoker, 30 pack-years. Nodule of 6 mm seen a year ago. No known malignancy.",
        priors=(PriorPlan(prior, findings, impression),),
    )


def _head_ct() -> CasePlan:
    study = StudyPlan(
        _HEAD,
        demo_uid(_HEAD),
        "A-000102",
        "CT head without contrast",
        Code(_LOINC, "30799-1", "CT Head WO contrast"),
        timedelta(minutes=50),
        (_series(_HEAD, 1, ("CT", "HEAD"), "Head 2.5 mm", SLICES),),
    )
    return CasePlan(
        key="head-ct",
        number="C-000102",
        patient=PatientPlan(
            "patient-head-ct", "DEMO-0002", ISSUER, "Demohead", "Bruno", "M", date(1954, 11, 2)
        ),
        study=study,
        priority="urgent",
        due_in=timedelta(hours=2),
        description="CT head",
        question="Sudden weakness of the right arm. Bleeding?",
        history="Arterial hypertension. Takes apixaban. Symptoms for two hours.",
    )


def _pet_ct() -> CasePlan:
    study = StudyPlan(
        _PET,
        demo_uid(_PET),
        "A-000106",
        "PET/CT chest with FDG",
        None,
        timedelta(hours=1, minutes=35),
        (
            _series(_PET, 1, ("CT", "CHEST"), "CT low dose 3 mm", PET_SLICES),
            _series(_PET, 2, ("PT", "CHEST"), "PET AC", PET_SLICES),
        ),
    )
    return CasePlan(
        key="pet-ct",
        number="C-000106",
        patient=PatientPlan(
            "patient-pet-ct", "DEMO-0006", ISSUER, "Demotracer", "Frida", "F", date(1959, 11, 2)
        ),
        study=study,
        priority="routine",
        due_in=timedelta(hours=8),
        description="PET/CT chest, staging",
        question="Mass in the right upper lobe. Staging: lymph nodes?",
        history="Mass of 2.4 cm found by chance. Smoker. Blood glucose 5.6 mmol/l.",
    )


def _chest_cr() -> CasePlan:
    kind = ("CR", "CHEST")
    prior = StudyPlan(
        _PLAIN_PRIOR,
        demo_uid(_PLAIN_PRIOR),
        "A-000048",
        "Chest PA",
        Code(_LOINC, "24648-8", "XR Chest PA upr"),
        timedelta(days=604, hours=5),
        (_series(_PLAIN_PRIOR, 1, kind, "Chest PA", 1),),
    )
    current = StudyPlan(
        _PLAIN,
        demo_uid(_PLAIN),
        "A-000103",
        "Chest PA and lateral",
        Code(_LOINC, "36643-5", "XR Chest 2 Views"),
        timedelta(hours=3, minutes=10),
        (_series(_PLAIN, 1, kind, "Chest PA", 1), _series(_PLAIN, 2, kind, "Chest lateral", 1)),
    )
    return CasePlan(
        key="chest-cr",
        number="C-000103",
        patient=PatientPlan(
            "patient-chest-cr", "DEMO-0003", ISSUER, "Demoray", "Clara", "F", date(1968, 7, 30)
        ),
        study=current,
        priority="routine",
        due_in=timedelta(hours=24),
        description="Chest PA and lateral",
        question="Cough for six weeks. Infiltrate, mass?",
        history="Never smoked. No fever.",
        priors=(
            PriorPlan(
                prior,
                "Lungs clear. Heart of normal size. No effusion. Thoracic skeleton intact.",
                "Normal chest radiograph.",
            ),
        ),
    )
