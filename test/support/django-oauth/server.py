"""A server with the OAuth software that CommCare HQ runs on, Django and django-oauth-toolkit, at CommCare HQ's addresses.

    python3 server.py FOLDER < lines of JSON

The first line says who there is: {"users": […], "clients": […]}. It answers {"url": …, "version": …} once it listens, on
127.0.0.1 only. Each further line changes something as time or an operator would, and is answered by a line. It ends with its
input. Everything about OAuth is the software's own; its database is in FOLDER.
"""

import json
import secrets
import sys
import threading
from datetime import timedelta
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.conf import settings

folder = Path(sys.argv[1])
people = json.loads(sys.stdin.readline())
pkce = {client["id"]: client["pkce"] for client in people["clients"]}

LOGIN_PAGE = """<!doctype html><title>Log in</title><form method="post">{% csrf_token %}{{ form.as_p }}
<input type="hidden" name="next" value="{{ next }}"><input type="submit" value="Log in"></form>"""

settings.configure(
    DEBUG=False,
    SECRET_KEY=secrets.token_urlsafe(48),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "oauth.sqlite3"),
            "OPTIONS": {"timeout": 20},
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    # Passwords here are random and live as long as a test.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    LOGGING={"version": 1, "root": {"level": "ERROR", "handlers": []}},
    LOGGING_CONFIG=None,
    OAUTH2_PROVIDER={
        "SCOPES": {
            "access_apis": "Access API data on all your CommCare projects",
            "reports:view": "View reports",
            "mobile_access": "Access mobile endpoints",
            "sync": "Sync (and submit) data",
        },
        "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 15 * 86400,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "ROTATE_REFRESH_TOKEN": True,
        "PKCE_REQUIRED": lambda client_id: pkce.get(client_id, True),
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
    },
)
django.setup()

import oauth2_provider  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken  # noqa: E402
from oauth2_provider.oauth2_backends import get_oauthlib_core  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Validator(OAuth2Validator):
    """The software's own, but that requests can be made to meet where they were found to be in order."""

    meeting = None
    # SQLite knows no locks of rows; the software asks for one here, and a server's database gives it.
    row = threading.Lock()

    def save_bearer_token(self, token, request, *args, **kwargs):
        if Validator.meeting is not None:
            Validator.meeting.wait(timeout=20)
        with Validator.row:
            return super().save_bearer_token(token, request, *args, **kwargs)


def for_apis(view):
    """As at CommCare HQ: an empty 401 for whoever has no token that may do this."""

    def check(request):
        valid, found = get_oauthlib_core().verify_request(request, scopes=["access_apis"])
        return view(found.user) if valid else HttpResponse(status=401)

    return check


@for_apis
def identity(user):
    names = {"first_name": user.first_name, "last_name": user.last_name}
    return JsonResponse({"id": str(user.pk), "username": user.username, **names, "email": user.email})


@for_apis
def user_domains(user):
    spaces = [{"domain_name": name, "project_name": name} for name in user.groups.values_list("name", flat=True)]
    return JsonResponse({"meta": {"total_count": len(spaces)}, "objects": spaces})


urlpatterns = [
    path("oauth/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("accounts/login/", LoginView.as_view()),
    path("api/identity/v1/", identity),
    path("api/user_domains/v1/", user_domains),
]


def fill():
    call_command("migrate", verbosity=0)
    for user in people["users"]:
        made = get_user_model().objects.create_user(
            user["name"], email=user["name"], password=user["password"], first_name="John", last_name="Doe"
        )
        for space in user["spaces"]:
            made.groups.add(Group.objects.get_or_create(name=space)[0])
    for client in people["clients"]:
        secret = client.get("secret")
        Application.objects.create(
            client_id=client["id"],
            client_secret=secret or "",
            client_type=Application.CLIENT_PUBLIC if secret is None else Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=client["redirect"],
            name=client["id"],
        )


def expire(token):
    """An access token has run out."""
    AccessToken.objects.filter(token=token).update(expires=timezone.now() - timedelta(seconds=1))


def age_codes(_):
    """Every code that was given out is too old."""
    Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))


def age_refresh_tokens(_):
    """Every sign-in has not been used for longer than the software keeps one."""
    long_ago = timezone.now() - timedelta(days=20)
    RefreshToken.objects.update(created=long_ago, updated=long_ago)
    AccessToken.objects.update(expires=long_ago)


def clean_up(_):
    """The job that an operator lets run every night."""
    call_command("cleartokens", verbosity=0)


def meet(count):
    """The next so many requests for tokens are in the software at the same time; 0 for as they come."""
    Validator.meeting = threading.Barrier(count) if count else None


def live(name):
    """How many refresh tokens of somebody would still work."""
    return RefreshToken.objects.filter(user__username=name, revoked__isnull=True).count()


wishes = (expire, age_codes, age_refresh_tokens, clean_up, meet, live)
changes = {wish.__name__: wish for wish in wishes}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self):
        # Without asking the network what this computer is called.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address
        self.setup_environ()


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def say(**what):
    print(json.dumps(what), flush=True)


fill()
server = Server(("127.0.0.1", 0), Quiet)
server.set_app(WSGIHandler())
threading.Thread(target=server.serve_forever, daemon=True).start()
say(url=f"http://127.0.0.1:{server.server_port}", version=oauth2_provider.__version__)
for line in sys.stdin:
    wish = json.loads(line)
    say(done=changes[wish["change"]](wish.get("to")))
