"""One module per command, each with `run(options) -> Answer`; loaded only when that command is given."""
