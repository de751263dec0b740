"""A table of mistakes: what is wrong with a configuration, on which line, and what is said about it."""

from pathlib import Path

import pytest

from recorder.errors import ConfigError
from recorder.routing.policy_file import read_policy

GOOD = '[upstream.a]\nurl = "https://a.test"\n'

REGIONAL = '[upstream.a]\nurl = "https://bedrock-runtime.eu-west-1.amazonaws.com"\n'
MISTAKES = [
    ("[upstream.a]\n", 1, "[upstream.a]: has no url"),
    ('[upstream.a]\nurl = "a.test"\n', 2, "url: is not http(s)://HOST"),
    ('[upstream.a]\nurl = "https://u:p@a.test"\n', 2, "has no user, query or fragment"),
    ('[upstream.a]\nurl = "https://a.test?x=1"\n', 2, "has no user, query or fragment"),
    ('[upstream.a]\nurl = "https://a.test:x"\n', 2, "url: is not http(s)://HOST"),
    (f"{GOOD}ulr = 1\n", 3, "unknown setting; did you mean url?"),
    (f'{GOOD}auth = "sk-x"\n', 3, "auth: is none of env:NAME, file:PATH, keyring:NAME, helper:COMMAND, aws, google"),
    (f'{GOOD}auth = "helper:"\n', 3, "auth: names nothing behind helper:"),
    (f'{GOOD}auth = "aws:profile"\n', 3, "auth: is none of env:NAME"),
    (f"{GOOD}auth = 3\n", 3, "[upstream.a] auth: 3 is not a table"),
    (f'{GOOD}auth = {{ send = "both" }}\n', 3, "[upstream.a] auth: has no `from`; give env:NAME"),
    (f'{GOOD}auth = {{ from = "sk-x" }}\n', 3, "auth.from: is none of env:NAME"),
    (f'{GOOD}auth = {{ form = "env:K" }}\n', 3, "auth.form: unknown setting; did you mean from?"),
    (f'{GOOD}auth = {{ from = "env:K", ttl_seconds = 5 }}\n', 3, "is for a helper, and this comes from env"),
    (f'{GOOD}auth = {{ from = "helper:k", ttl_seconds = -1 }}\n', 3, "is not a number of seconds"),
    (f'{GOOD}auth = {{ from = "helper:k", timeout_seconds = 0 }}\n', 3, "is not a number of seconds above 0"),
    (f'{GOOD}auth = {{ from = "env:K", region = "x" }}\n', 3, 'auth.region: is for from = "aws"'),
    (f'{GOOD}auth = {{ from = "aws", send = "both" }}\n', 3, 'auth.send: does not go with from = "aws"'),
    (f'{GOOD}auth = {{ from = "env:K", send = "Host" }}\n', 3, "'host' is neither `both` nor a header"),
    (f'{GOOD}[upstream.a.auth]\nfrom = "env:K"\nsend = "a b"\n', 5, "'a b' is neither `both` nor a header"),
    (f'{GOOD}auth = "env:K"\nheaders = {{ authorization = "env:K" }}\n', 4, "is set by auth = env already"),
    (f'{GOOD}auth = "aws"\nheaders = {{ x-amz-date = "1" }}\n', 4, "is set by auth = aws already"),
    (f'{GOOD}region = "us-east-1"\n', 3, 'region: goes with protocol = "bedrock" or protocol = "vertex"'),
    (
        f'{GOOD}protocol = "bedrock"\nregion = "us-east-1"\nauth = {{ from = "aws", region = "us-west-2" }}\n',
        4,
        "auth.region: is us-west-2, and `region` says us-east-1; give one",
    ),
    (
        f'{REGIONAL}auth = {{ from = "aws", region = "eu-west-3" }}\n',
        3,
        "auth.region: is eu-west-3, and the host's name says eu-west-1; give one",
    ),
    (f'{GOOD}protocol = "messages"\naccepts = ["speed"]\n', 4, "accepts: goes with protocol"),
    (f'{GOOD}protocol = "bedrock"\nproject = "p"\n', 4, 'project: goes with protocol = "vertex"'),
    (f'{GOOD}protocol = "vertex"\ninference_profiles = "us"\n', 4, 'goes with protocol = "bedrock"'),
    (f'{GOOD}protocol = "bedrock"\ninference_profiles = "mars"\n', 4, "is none of us, us-gov, eu, jp"),
    (f'{GOOD}protocol = "bedrock"\nregion = "US East"\n', 4, "'US East' is no region"),
    (f'{GOOD}protocol = "vertex"\nproject = "a/b"\n', 4, "'a/b' is no id of a project"),
    (f"{GOOD}ping_seconds = 0\n", 3, "is not a number of seconds above 0"),
    (f'{GOOD}protocol = "anthropic"\n', 3, "'anthropic' is no protocol; known are messages, bedrock, vertex"),
    (f"{GOOD}answer_seconds = 0\n", 3, "is not a number of seconds above 0"),
    (f'{GOOD}client_key = "k.pem"\n', 3, "a key goes with a client_certificate"),
    ('[upstream.a]\nurl = "http://a.test"\nca = "ca.pem"\n', 3, "ca: is for https"),
    (f'{GOOD}headers = {{ x-api-key = "sk-x" }}\n', 3, "headers.x-api-key: holds a credential"),
    (f'{GOOD}[upstream.a.headers]\nx-team = "b"\nauthorization = "Bearer abc"\n', 5, "write env:NAME, file:PATH or"),
    (f'{GOOD}headers = {{ Host = "b.test" }}\n', 3, "cannot be set"),
    (f'{GOOD}headers = {{ x-recorder-user = "ann" }}\n', 3, "cannot be set"),
    (f"{GOOD}headers = {{ x-a = true }}\n", 3, "is set to a text of one line"),
    (f'{GOOD}[upstream.b]\nurl = "https://a.test/b"\nca = "ca.pem"\n', 3, "connections are shared"),
    ('[upstream."a b"]\nurl = "https://a.test"\n', 1, "a name has letters"),
    (f'{GOOD}[route]\nto = "a"\n', 3, "write [[route]], with two brackets"),
    (f"{GOOD}[[route]]\n", 3, "has no `to`; give the name of an upstream: a"),
    (f'{GOOD}[[route]]\nto = ["a", "b"]\n', 4, "there is no [upstream.b]"),
    (f'{GOOD}[[route]]\nto = []\n', 4, "give the name of an upstream: a; a list of them, or a"),
    (f'{GOOD}[[route]]\nto = ["a", "a"]\n', 4, "names an upstream twice"),
    (f"{GOOD}[[route]]\nto = [1]\n", 4, "give the name of an upstream: a"),
    (f"{GOOD}[[route]]\nto = {{ a = 0 }}\n", 4, "the weight of a is 0, and not a number above 0"),
    (f'{GOOD}[[route]]\nto = "a"\nbalance = "session"\n', 5, "is for several upstreams; this rule has one"),
    (f'{GOOD}[[route]]\nto = ["a"]\nbalance = "lot"\n', 5, "'lot' is none of order, session, request"),
    (f'{GOOD}[[route]]\nto = {{ a = 2 }}\nbalance = "order"\n', 5, "weights say nothing about an order"),
    (f'{GOOD}[[route]]\nto = "a"\n\n[[route]]\nto="aa"\n', 7, "number 2 to: there is no [upstream.aa]; did you mean"),
    (f'{GOOD}[[route]]\nto = "a"\nwhen = {{ modle = "x" }}\n', 5, "when.modle: unknown setting; did you mean model?"),
    (f'{GOOD}[[route]]\nto = "a"\n[route.when]\npath = "v1"\n', 6, "'v1' does not begin with /"),
    (f'{GOOD}[[route]]\nto = "a"\nwhen = {{ model = [] }}\n', 5, "an empty list matches nothing"),
    (f'{GOOD}[[route]]\nto = "a"\nwhen = {{ model = 3 }}\n', 5, "3 is neither a text nor a list of texts"),
    (f'{GOOD}[[route]]\nto = "a"\nname = "x"\n[[route]]\nto="a"\nname="x"\n', 8, "is the name of an earlier"),
    (f'{GOOD}[[route]]\nto = "a"\nmodel = {{ "x" = 1 }}\n', 5, "1 is not a text"),
    ('[labels]\npath = "r"\n', 2, "neither false nor the beginning of a path"),
    ("[labels]\nheaders = 1\n", 2, "neither true nor false"),
    ("[upstream.a\n", 1, "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), MISTAKES)
def test_mistakes(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "recorder.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_policy(path, None)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}: " if said != "line 1" else f"{path}: ")
    assert "sk-x" not in str(caught.value)
    assert "Bearer abc" not in str(caught.value)


def test_a_url_is_another_setting_of_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "recorder.toml"
    path.write_text('upstream = "https://gateway.test"\n')
    assert not read_policy(path, None).is_active
