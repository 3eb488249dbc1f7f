"""The HTTP routes, one blueprint a subject. Each turns a request into a call of `device` and its result into JSON.

`web.app` registers them; they find session, storage and the rest through `web.context`.
"""
