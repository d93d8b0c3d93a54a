"""``lightbox verify FILE``: who signed, when, and whether it holds."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``verify`` takes."""
    parser.add_argument("file", help="signed PDF, DICOM SR or FHIR JSON")


def run(args: argparse.Namespace) -> int:
    """Check the file; 0 valid, 1 not valid, 2 nothing to verify."""
    return 2
