"""From untrusted DICOM bytes to header snapshots and decoded frames."""
