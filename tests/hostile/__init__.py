"""Hostile modules, recipes, records, processes and caches: each in a process of its own.

A file or two for each class of attack, with a table ``CASES``. ``case.py`` says what a case is, ``child.py``
runs one, ``test_hostile.py`` runs them all, ``table.py`` writes them into docs/threat-model.md.
"""
