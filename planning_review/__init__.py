"""The logic of the planning review: no Prefect, no environment outside settings.py."""

__version__ = "0.1.0"
