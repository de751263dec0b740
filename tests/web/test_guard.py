import pytest

from recorder.web.guard import COOKIE

PATHS = ("/", "/interactions/21ad", "/data/usage", "/interactions/21ad/request", "/static/page.js", "/nothing")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "wrong", "x" * 43])
def test_nothing_without_the_token(served, path, token):
    status, _, text = served.ask(path, token=token)
    assert status == 403
    assert "voucher" not in text
    assert served.site.token not in text


def test_the_token_of_the_address_becomes_a_cookie_and_leaves_it(served):
    status, headers, _ = served.ask(f"/usage?by=model&token={served.site.token}", token="")
    assert (status, headers["Location"]) == (302, "/usage?by=model")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}={served.site.token};")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    status, headers, _ = served.ask("/?token=wrong", token="")
    assert (status, headers["Set-Cookie"]) == (403, None)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("[::1]:{port}", 200),
        ("localhost", 200),
        ("evil.example", 403),
        ("evil.example:{port}", 403),
        ("127.0.0.1.evil.example:{port}", 403),
        ("localhost.evil.example", 403),
    ],
)
def test_a_foreign_name_is_refused(served, host, status):
    assert served.ask("/", Host=host.format(port=served.address.port))[0] == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/data/usage", "/static/page.js"])
def test_it_can_only_be_read(served, method, path):
    assert served.ask(path, method)[0] == 405


@pytest.mark.parametrize("path", PATHS)
def test_what_every_answer_says(served, path):
    _, headers, _ = served.ask(path)
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers
    if not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"
