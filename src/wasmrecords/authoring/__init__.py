"""What the commands for authors are made of: the SDK's sources, projects, their builds and cases, the kit.

No public names of the package: the commands `new`, `build`, `test`, `check`, `bench` and `compile` are what
users rely on. ``toolchain`` and ``sdk`` need the standard library alone: the package's own build uses them.
"""
