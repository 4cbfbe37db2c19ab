"""The local Prefect server: its life, its limits, its automations."""
