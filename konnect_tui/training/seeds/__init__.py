"""What an organisation begins with. One TOML file a seed; `recipe` says what may stand in it."""
