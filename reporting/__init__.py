"""The report: draft, rules, exports, signature; knows only viewer.model of the viewer."""
