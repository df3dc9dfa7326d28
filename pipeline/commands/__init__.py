"""The commands of ``wirewatch``, a module a noun; each has `app` or `register(app)`."""
