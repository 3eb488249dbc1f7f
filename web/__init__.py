"""HTTP and the page. It imports `device`, never the other way round.

`serve` puts the parts together and runs the server: start there. `app` is the application with its routes. `guard`
decides which requests are allowed, `errors` turns a failure into an HTTP answer, `wire` turns a frame into bytes. The
page is plain files in `static` and `templates`. Only the command line imports this package.
"""
