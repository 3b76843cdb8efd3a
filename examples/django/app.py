"""A Django API that only callers with a good token of the gateway reach, on gunicorn.

python app.py --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders --port 8000
"""

import argparse
import secrets

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from gunicorn.app.base import BaseApplication

parser = argparse.ArgumentParser(description="A Django API behind Mintgate.")
parser.add_argument("--issuer", required=True, help="who mints the tokens; its keys are found by discovery")
parser.add_argument("--audience", required=True, help="what the gateway calls this origin")
parser.add_argument("--port", type=int, default=8000)
arguments = parser.parse_args()

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    DEBUG=False,
    # Nothing here is signed with it; a project has one of its own.
    SECRET_KEY=secrets.token_urlsafe(32),
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["mintgate.django.JWTAuthMiddleware", "django.middleware.common.CommonMiddleware"],
    MINTGATE={
        "issuer": arguments.issuer,
        "audience": arguments.audience,
        # All other paths need a token.
        "public": ["/health", "/public"],
    },
)

from mintgate.django import require  # noqa: E402 - reads the settings


def health(request):
    return JsonResponse({"status": "ok"})


def public(request):
    return JsonResponse({"message": "For everybody"})


def protected(request):
    return JsonResponse({"message": "Access granted", "user": request.user_claims})


@require(scopes=["orders:read"])
def orders(request):
    return JsonResponse({"orders": [], "user": request.user_claims})


def upload(request):
    return JsonResponse({"bytes": len(request.body)})


urlpatterns = [
    path("health", health),
    path("public", public),
    path("protected", protected),
    path("orders", orders),
    path("upload", upload),
]


class Server(BaseApplication):
    """As the command ``gunicorn --worker-class gthread --threads 8 project.wsgi`` would have it."""

    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{arguments.port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 8)
        self.cfg.set("control_socket_disable", True)

    def load(self):
        return get_wsgi_application()


if __name__ == "__main__":
    Server().run()
