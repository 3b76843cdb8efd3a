"""A Flask API that only callers with a good token of the gateway reach, on gunicorn.

python app.py --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders --port 8000
"""

import argparse

from flask import Flask, g, request
from gunicorn.app.base import BaseApplication

from mintgate.flask import JWTAuth

parser = argparse.ArgumentParser(description="A Flask API behind Mintgate.")
parser.add_argument("--issuer", required=True, help="who mints the tokens; its keys are found by discovery")
parser.add_argument("--audience", required=True, help="what the gateway calls this origin")
parser.add_argument("--port", type=int, default=8000)
settings = parser.parse_args()

app = Flask(__name__)
auth = JWTAuth(issuer=settings.issuer, audience=settings.audience)


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/public")
def public():
    return {"message": "For everybody"}


@app.get("/protected")
@auth.require()
def protected():
    return {"message": "Access granted", "user": g.user}


@app.get("/orders")
@auth.require(scopes=["orders:read"])
def orders():
    return {"orders": [], "user": g.user}


@app.post("/upload")
@auth.require()
def upload():
    return {"bytes": len(request.get_data())}


class Server(BaseApplication):
    """As the command ``gunicorn --worker-class gthread --threads 8 app:app`` would have it."""

    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{settings.port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 8)
        self.cfg.set("control_socket_disable", True)

    def load(self):
        return app


if __name__ == "__main__":
    Server().run()
