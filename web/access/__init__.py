"""Who may use the camera: the access code, what is kept of it, and how often an address may guess.

Start with `key`, the file with the code and the secret that signs cookies. `tokens` are for programs that
cannot type it; `password` reads the code or a token off a request. `guesses` limits wrong ones. The guard of the routes
uses these four; `web.address` shows the code to its owner. `people` knows who is there, and tells each page of the
others.
"""
