"""How a setting is declared: its name, kind, unit, range and default, and the check of a value against them.

Rooms that have settings (controls, assists, drive modes) declare them with it; page, API and command line read the
declarations. Pure. Start with `declaration`.
"""
