"""The readable and the structured forms of one signed report."""
