"""HTTP and the page. It imports `device`, never the other way round.

`serve` puts the parts together and runs the server; `app` is the application with its routes. `guard` decides who may
ask, `errors` how a failure is answered, `wire` how a frame travels. The page itself is plain files in `static` and
`templates`.
"""
