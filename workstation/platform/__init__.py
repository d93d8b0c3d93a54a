"""The connection to the teleradiology platform: OIDC, FHIR R4 and DICOMweb over HTTPS."""
