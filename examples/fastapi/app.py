"""A FastAPI API that only callers with a good token of the gateway reach, on uvicorn.

python app.py --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders --port 8000
"""

import argparse
from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI, Security

from mintgate.fastapi import Claims, JWTAuth

parser = argparse.ArgumentParser(description="A FastAPI API behind Mintgate.")
parser.add_argument("--issuer", required=True, help="who mints the tokens; its keys are found by discovery")
parser.add_argument("--audience", required=True, help="what the gateway calls this origin")
parser.add_argument("--port", type=int, default=8000)
settings = parser.parse_args()

app = FastAPI()
auth = JWTAuth(issuer=settings.issuer, audience=settings.audience)
# Lets the routes below ask for tokens before they read bodies.
auth.install(app)

User = Annotated[Claims, Security(auth)]
Reader = Annotated[Claims, Security(auth, scopes=["orders:read"])]


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/public")
def public():
    return {"message": "For everybody"}


@app.get("/protected")
def protected(user: User):
    return {"message": "Access granted", "user": user}


@app.get("/orders")
def orders(user: Reader):
    return {"orders": [], "user": user}


@app.post("/upload")
def upload(user: User, body: Annotated[bytes, Body(media_type="application/octet-stream")]):
    return {"bytes": len(body)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=settings.port)
