"""The user's commands: `noria COMMAND`. May import every other package, each when it is needed."""
