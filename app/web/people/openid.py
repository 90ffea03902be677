"""Signing in by an OpenID Connect provider, where one is configured, in the place of name and password.

Code flow with PKCE, state and nonce, by Authlib. It makes no account: an admin connects those there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.concurrency import ConcurrencyLimit
from app.config import OpenIdProvider, Settings
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, ForbiddenError, SetupError
from app.request import connection
from app.services.people.attempts import forget_attempts
from app.services.people.identities import Identity, person_by_identity
from app.services.people.staff import Person
from app.web.language import language
from app.web.people.attempts import counted_attempt, log_refusal
from app.web.people.staff import View, go_on, onward

_PATIENCE_S = 10
# A provider that does not answer holds up no more threads than these.
_AT_WORK = ConcurrencyLimit(
    2, N_("Many people are signing in at the moment; please try again in a moment."), within_s=_PATIENCE_S
)
# What the session holds until the provider sends the reader back; the second is Authlib's own.
_WANTED, _STATES = "wanted_page", "_state_openid_"
# A cookie has 4,000 characters, and browsers leave out a longer one.
_LONGEST_WANTED = 2000
# Only who has the provider's private key can sign so, whatever else it says that it supports.
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

blueprint = Blueprint("openid", __name__, url_prefix="/login/openid")


def init_app(app: Flask, provider: OpenIdProvider | None) -> None:
    """Offer the provider on the page of signing in, if there is one."""
    app.jinja_env.globals["openid_provider"] = provider
    if provider is None:
        return
    app.extensions["openid"] = OAuth(app).register(
        "openid",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": provider.scope,
            "code_challenge_method": "S256",
            "default_timeout": _PATIENCE_S,
        },
    )


@blueprint.get("")
def begin() -> View:
    """Lead to the provider, which sends the reader back."""
    client, wanted = _client(), onward()
    if current_user.is_authenticated:
        return redirect(wanted)
    g.is_private = True
    # Of what was begun before and given up, too much would fill the cookie.
    for name in [name for name in session if name.startswith(_STATES)]:
        session.pop(name)
    session[_WANTED] = wanted if len(wanted) <= _LONGEST_WANTED else url_for("tours.index")
    try:
        with _provider_at_work():
            _check_metadata(client)
            answer: Response = client.authorize_redirect(url_for("openid.come_back", _external=True))
    except AppError as error:
        return _refused(error, wanted)
    return answer


@blueprint.get("/return")
def come_back() -> View:
    """Sign in whom the provider names, if an admin connected an account with them."""
    client, wanted = _client(), session.pop(_WANTED, url_for("tours.index"))
    if current_user.is_authenticated:
        # Signed in meanwhile, as in another tab: whose session it is stays.
        return redirect(wanted)
    g.is_private = True
    try:
        person = _person_coming_back(client)
    except AppError as error:
        return _refused(error, wanted)
    return go_on(person, wanted)


def _person_coming_back(client: Any) -> Person:
    """Return whose account it is here; counted as an attempt to sign in is.

    Raises
    ------
    TooManyError
        After too many failed attempts.
    ForbiddenError
        When this browser asked nothing, the provider let nobody in, or no account is connected.
    SetupError
        When the provider does not answer.
    """
    state = request.args.get("state", "")
    if f"{_STATES}{state}" not in session:
        # Not counted: a link on a page of others would use up the attempts of whoever follows it.
        raise _failed("unknown-state")
    attempt = counted_attempt(state)
    with _provider_at_work():
        identity = _identity(_claims(client))
    person = person_by_identity(connection(), identity)
    if person is None:
        log_refusal("", "openid-without-account")
        raise ForbiddenError(
            N_(
                "No account here is connected with yours at %(provider)s. An admin can do that, "
                "with your identifier there: %(subject)s"
            ),
            provider=openid_provider().name,
            subject=identity.subject,
        )
    engine: Engine = current_app.extensions["engine"]
    with engine.begin() as held:
        forget_attempts(held, attempt)
    return person


def _identity(claims: dict[str, Any]) -> Identity:
    # Anybody can give any address as his own: only a verified one says who somebody is.
    email = str(claims.get("email", "")).lower() if claims.get("email_verified") is True else ""
    return Identity(openid_provider().issuer, str(claims["sub"]), email or None)


def _claims(client: Any) -> dict[str, Any]:
    """Return what the provider says of who comes back, its page of the person included."""
    provider, metadata = openid_provider(), _check_metadata(client)
    is_named = metadata.get("authorization_response_iss_parameter_supported") is True
    if request.args.get("iss", None if is_named else provider.issuer) != provider.issuer:
        raise OAuthError("another_issuer")
    expected = {"iss": provider.issuer, "aud": provider.client_id}
    token = client.authorize_access_token(
        claims_options={name: {"essential": True, "value": value} for name, value in expected.items()}
    )
    if "userinfo" not in token:
        raise OAuthError("no_id_token")
    claims = dict(token["userinfo"])
    if "email" in claims or "userinfo_endpoint" not in metadata:
        return claims
    more = client.userinfo(token=token)
    if more.get("sub") != claims["sub"]:
        raise OAuthError("another_subject")
    return {**more, **claims}


def _check_metadata(client: Any) -> dict[str, Any]:
    """Return what the provider says of itself, if it is the configured one, with the signatures we take."""
    metadata: dict[str, Any] = client.load_server_metadata()
    if metadata.get("issuer") != openid_provider().issuer:
        # To be asked anew, for it may be mended there.
        metadata.pop("_loaded_at", None)
        raise OAuthError("another_issuer")
    metadata["id_token_signing_alg_values_supported"] = _SIGNATURES
    return metadata


@contextmanager
def _provider_at_work() -> Iterator[None]:
    """Ask the provider; turn what Authlib raises into sentences, and write down why nobody was let in.

    Raises
    ------
    BusyError
        When others wait for the provider already.
    ForbiddenError
        When the provider did not let them in, or its answer is not one to this browser's question.
    SetupError
        When the provider does not answer.
    """
    try:
        with _AT_WORK.held():
            yield
    except OAuthError as error:
        raise _failed(str(error.error)) from error
    except JoseError as error:
        raise _failed(type(error).__name__) from error
    # Authlib raises the second for an answer that lacks something.
    except (RequestException, RuntimeError) as error:
        log_refusal("", "openid-unreachable")
        raise SetupError(
            N_("%(provider)s does not answer; please try again later, or use name and password."),
            provider=openid_provider().name,
        ) from error


def _failed(reason: str) -> ForbiddenError:
    log_refusal("", f"openid: {reason[:40]}")
    return ForbiddenError(
        N_("Signing in with %(provider)s did not succeed; please try again."), provider=openid_provider().name
    )


def _refused(error: AppError, wanted: str) -> View:
    """Lead to the page of signing in, which says why: nobody stays at an address with a used code."""
    flash(localizer_for(language()).error_text(error), "error")
    return redirect(url_for("staff.sign_in", next=wanted))


def _client() -> Any:
    return current_app.extensions.get("openid") or abort(404)


def openid_provider() -> OpenIdProvider:
    """Return the configured provider; 404 without one."""
    settings: Settings = current_app.extensions["settings"]
    return settings.openid_provider or abort(404)
