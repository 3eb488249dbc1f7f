"""The declaration of settings: each is declared once, and all other descriptions of it are made from that.

A setting's name, kind, unit, range, default, step and help are in one place: the controls in `controls`, the assists
in `device/analysis/settings.py`, the drive modes in the file of each mode. From there they are read by the check of a
value (`declaration`), the description of the API (`schema`), the page's files (`web/openapi/page_settings.py`) and the
options of the command line. `notation` writes values for people. Any room may import it. Pure: no files, clocks,
threads or logs. Start with `declaration`.
"""
