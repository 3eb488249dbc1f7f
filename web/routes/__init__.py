"""The HTTP routes, one blueprint per subject. Each turns a request into a call of `device` and its result into JSON.

Only `web.app` imports them. They get session, storage and the other shared objects from `web.context`. A route runs in
a thread of the server. Start with `controls`, which is short, or `viewfinder`, which sends the live view.
"""
