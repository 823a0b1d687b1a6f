#!/usr/bin/env bash
# django-oauth-toolkit 1.7.0 with Django 3.2.25 and oauthlib 3.2.2 (Debian 12): revoking an access token (RFC 7009, or the page
# "authorized tokens", which does the same) leaves its refresh token in a state that is neither alive nor dead. Every renewal
# with it is a 500, for ever: AccessToken.DoesNotExist, not caught where the scopes of before are looked up. The refresh
# token is not marked as revoked, and the clean-up job (cleartokens) leaves it.
# Why it matters: a client takes a 500 for trouble at the server, keeps the sign-in and tries again later. Whoever "revoked"
# the application at the server is believed, and the application is never told; only invalid_grant says that it is over.
# RFC 7009 lets a server end the refresh token too or leave it in working order. From 2.4 to 3.4.0 the renewal is a 200 with
# an empty scope, and only 3.4.1 answers invalid_grant. To end a sign-in for good, revoke the refresh token.
# Seen: revoke access token 200, renew 500, renew again 500, revoked null, after cleartokens still there; revoke refresh
# token 200, renew 400 invalid_grant.
set -euo pipefail
/usr/bin/python3 -c 'import oauth2_provider' 2>/dev/null ||
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-django-oauth-toolkit; } >/dev/null
/usr/bin/python3 -I - <<'PY'
import datetime, json, logging, sys
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="oauth2_provider.urls", USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", LOGGING_CONFIG=None,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    OAUTH2_PROVIDER={"SCOPES": {"read": "read"}, "REFRESH_TOKEN_EXPIRE_SECONDS": 60},
)
logging.disable()
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken
import oauth2_provider
call_command("migrate", verbosity=0)
user = User.objects.create_user("u")
app = Application.objects.create(client_id="c", client_type="public", authorization_grant_type="authorization-code", user=user)
client = Client(raise_request_exception=False)
def pair(name):
    access = AccessToken.objects.create(user=user, application=app, token="a" + name, scope="read", expires=timezone.now() + datetime.timedelta(minutes=5))
    RefreshToken.objects.create(user=user, application=app, token="r" + name, access_token=access)
def renew(name):
    answer = client.post("/token/", {"grant_type": "refresh_token", "refresh_token": "r" + name, "client_id": "c"})
    if answer.status_code == 500:
        return [500, answer.exc_info[0].__qualname__]
    return [answer.status_code, json.loads(answer.content).get("error", "a pair")]
def revoke(token):
    return client.post("/revoke_token/", {"token": token, "client_id": "c"}).status_code
for name in "123":
    pair(name)
seen = {"version": oauth2_provider.__version__, "renew": renew("1"), "revoke access token": revoke("a2"), "renew then": [renew("2"), renew("2")]}
kept = RefreshToken.objects.get(token="r2")
RefreshToken.objects.filter(token="r2").update(created=timezone.now() - datetime.timedelta(days=30), updated=timezone.now() - datetime.timedelta(days=30))
call_command("cleartokens", verbosity=0)
seen.update({"revoked": kept.revoked, "after cleartokens": RefreshToken.objects.filter(token="r2").count(), "revoke refresh token": revoke("r3"), "renew after": renew("3")})
print(json.dumps(seen, indent=1))
wanted = {"renew": [200, "a pair"], "revoke access token": 200, "renew then": [[500, "AccessToken.DoesNotExist"]] * 2, "revoked": None, "after cleartokens": 1, "revoke refresh token": 200, "renew after": [400, "invalid_grant"]}
sys.exit(any(seen[name] != what for name, what in wanted.items()))
PY
