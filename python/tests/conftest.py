import cherrypy
import pytest

# The application's decorators need the name before any origin gives it its meaning.
from mintgate.cherrypy import JWTAuth

cherrypy.tools.jwt_auth = JWTAuth(issuer="http://127.0.0.1:9/none", audience="none")

from issuer import Issuer, SigningKey  # noqa: E402
from origin import KINDS, Origin  # noqa: E402


@pytest.fixture(scope="session")
def key():
    """The issuer's key, unless a test brings its own: RSA keys take long to make."""
    return SigningKey("key-1")


@pytest.fixture(scope="session")
def other_key():
    return SigningKey("key-2")


@pytest.fixture
def make_issuer():
    issuers = []

    def make(*keys):
        issuers.append(Issuer(*keys))
        return issuers[-1]

    yield make
    for issuer in issuers:
        issuer.close()


@pytest.fixture
def issuer(make_issuer, key):
    return make_issuer(key)


@pytest.fixture(params=KINDS)
def kind(request):
    """Which framework and server; files of tests that are about one say so themselves."""
    return request.param


@pytest.fixture
def make_origin(kind):
    origins = []

    def make(issuer, **settings):
        origins.append(Origin(kind, issuer, **settings))
        return origins[-1]

    yield make
    for origin in origins:
        origin.close()


@pytest.fixture
def origin(make_origin, issuer):
    return make_origin(issuer)
