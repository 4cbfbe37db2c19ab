"""The command line, and the local Prefect server it looks after."""
