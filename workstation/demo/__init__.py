"""The demo platform: a program and process of its own that speaks to ours over HTTPS."""
