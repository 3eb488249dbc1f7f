"""How a setting is declared once, and what is made of the declaration.

A setting's name, kind, unit, range, default, step and help stand in one place: the controls in `controls`, the assists
in `device/analysis/settings.py`, the drive modes beside what they do. Everything else reads them there: the check of a
value (`declaration`), the description of the API (`schema`), the page's files (`web/openapi/page_settings.py`) and the
options of the command line. Pure: no files, clocks, threads or logs. Start with `declaration`.
"""
