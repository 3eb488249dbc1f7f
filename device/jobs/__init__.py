"""Work in the background on what was taken: developing, contact sheets, films. One job at a time.

Start with `room`, the queue that a server has; `kinds` is the table of what can be asked for, one module each. A job
runs in a process of its own (`worker`) at the lowest priority: it shares no lock with the viewfinder, and a crash or a
lack of memory there costs the job alone. The web routes import this room; it imports `captures`, `library`, `develop`.
"""
