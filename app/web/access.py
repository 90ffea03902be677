"""Who may do what: `app.web.roles` says which role a route needs, `check_role` asks before every request.

People sign in, and change something with a token of the page that no other site knows; programs bring a token
for the API, which only reads. `app.request.connection` is read-only besides.
"""

from __future__ import annotations

from cryptography.fernet import Fernet
from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine
from werkzeug.wrappers import Response as AnyResponse

from app.config import Settings, read_secret_key
from app.domain.kinds import AccessRole
from app.errors import N_, ForbiddenError, Phrase, SignInError
from app.request import autocommit_connection, connection, now, role
from app.services.people.second_factor import secret_cipher
from app.services.people.sessions import IDLE, find_session, note_use
from app.services.people.staff import Person
from app.services.people.tokens import UsedToken, find_token, note_token
from app.web.drafts import saved_forms
from app.web.errors import DATA_PATHS, refusal, wants_data
from app.web.people.unsent_forms import signed_form
from app.web.roles import CHANGES_NOTHING, ROLE_NAMES, needed_role

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class User(UserMixin):  # type: ignore[misc]
    """A `Person` as Flask-Login knows one: in the session of a token, or, without, by a token for the API."""

    def __init__(self, person: Person, token: str = "") -> None:
        self.person = person
        self.name = person.name
        self.token = token

    def get_id(self) -> str:
        """Return what the session keeps."""
        return self.token


class _Sessions(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            # Nothing is to be verified, and the verifier takes longer to make than all else here.
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        # Browsers take a name with a prefix over https only, and “__Host-” at the root only: no other host
        # of the domain can plant such a cookie.
        name = super().get_cookie_name(app)
        if not request.is_secure:
            return name
        return f"__Host-{name}" if self.get_cookie_path(app) == "/" else f"__Secure-{name}"

    def get_cookie_path(self, app: Flask) -> str:
        # Another service of the same host, behind another path, need not see it.
        return request.script_root or super().get_cookie_path(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        # Over https never sent without it; on a machine of one's own there is often none.
        return request.is_secure


class _Logins(LoginManager):  # type: ignore[misc]
    def _update_remember_cookie(self, response: Response) -> Response:
        # Nobody is remembered beyond the session; asking it would make every file vary by cookie.
        return response


def init_app(app: Flask, settings: Settings) -> None:
    """Let people sign in, and refuse what is not theirs to do."""
    app.secret_key = secret_key = read_secret_key(settings)
    app.extensions["cipher"] = secret_cipher(secret_key)
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_CHECK_DEFAULT=False,  # `check_role` asks for it
    )
    logins = _Logins(app)
    logins.user_loader(_load)
    logins.request_loader(_load_by_token)
    # The row of a session decides, not the address it came from.
    logins.session_protection = None
    app.jinja_env.globals["saved_forms"] = saved_forms
    app.jinja_env.globals["role_name"] = lambda name: gettext(ROLE_NAMES[AccessRole(name)])
    app.extensions["csrf_protect"] = CSRFProtect(app)
    app.before_request(check_text)
    app.before_request(check_role)
    app.after_request(keep_private)
    app.register_error_handler(CSRFError, refuse_forged)


def cipher() -> Fernet:
    """Return what encrypts secrets of second factors."""
    found: Fernet = current_app.extensions["cipher"]
    return found


def _load(token: str) -> User | None:
    at = now()
    found = find_session(connection(), token, at)
    if found is None:
        # Pages that ask no database show by it whether somebody is signed in.
        session.pop("_user_id", None)
        return None
    if found.is_to_note(at):
        engine: Engine = current_app.extensions["engine"]
        with engine.begin() as held:
            note_use(held, token, at)
    return User(found.person, token)


def _load_by_token(_: Request) -> User | None:
    found: UsedToken | None = g.get("api_token")
    return None if found is None else User(found.person)


def check_token() -> None:
    """Find out in whose name a program asks for data, if it says so.

    Raises
    ------
    SignInError
        For a token that is none, whatever is asked for: else nobody would notice that it ended.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not request.path.startswith(DATA_PATHS):
        return
    at = now()
    found = find_token(autocommit_connection(), token.strip(), at)
    if found is None:
        raise SignInError(N_("This token is not valid, or not any more."))
    g.api_token = found
    if found.is_to_note(at):
        engine: Engine = current_app.extensions["engine"]
        with engine.begin() as held:
            note_token(held, found, at)


def check_text() -> None:
    """Refuse the character that no stored text can hold in what is looked up as it is.

    Raises
    ------
    HTTPException
        404 for an address, 400 for a form.
    """
    if "\x00" in request.path or "\x00" in request.args.get("tour", ""):
        abort(404)
    if request.method not in _READING and any("\x00" in value for value in request.form.values()):
        abort(400)


def check_role() -> AnyResponse | None:
    """Refuse whoever may not use a route, and who would change something without the page's token.

    Raises
    ------
    SignInError
        For a visitor, where no page can be shown instead.
    ForbiddenError
        For others, and for programs that would change something.
    """
    if request.endpoint is None:
        return None
    check_token()
    needed = needed_role(request.endpoint)
    is_reading = request.method in _READING or request.endpoint in CHANGES_NOTHING
    if needed is AccessRole.VISITOR and is_reading:
        return None
    if not role().includes(needed):
        return _refuse_reader(needed)
    g.is_private = True
    if not is_reading:
        _check_change()
    return None


def _refuse_reader(needed: AccessRole) -> AnyResponse:
    if current_user.is_authenticated:
        raise ForbiddenError(N_("This needs the role %(role)s."), role=Phrase(ROLE_NAMES[needed]))
    if wants_data():
        raise SignInError(N_("Please sign in first."))
    if request.method in _READING:
        return redirect(
            url_for("staff.sign_in", next=f"{request.script_root}{request.full_path}".rstrip("?"))
        )
    if needed is AccessRole.STAFF and (unsent := signed_form()) is not None:
        return make_response(render_template("people/login.html", unsent=unsent), 401)
    raise SignInError(N_("Please sign in first."))


def _check_change() -> None:
    """Refuse a change that a person did not make in a page of this session."""
    if "api_token" in g:
        raise ForbiddenError(N_("A token only reads; sign in to change something."))
    current_app.extensions["csrf_protect"].protect()


def keep_private(response: Response) -> Response:
    """Let nobody keep what not everybody may see."""
    if g.get("is_private"):
        response.headers["Cache-Control"] = "no-store"
    return response


def refuse_forged(error: CSRFError) -> Response:
    """Answer that a form or request did not come from a page of this session."""
    return refusal(400, gettext("This page is out of date; reload it and repeat the last step."))
