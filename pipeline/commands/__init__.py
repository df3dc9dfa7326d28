"""The commands of ``wirewatch``, a module per noun; each has `app` or `register(app)`."""
