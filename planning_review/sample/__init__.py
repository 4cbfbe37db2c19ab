"""An invented application, and a register that serves it."""
