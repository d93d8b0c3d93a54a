"""DICOM objects that carry annotations in and out."""
