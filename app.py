"""The web program: create_app(settings) builds it, serve() hands gunicorn a warmed WSGI app."""
