"""HTTP and the page. Imports device, never the other way round."""
