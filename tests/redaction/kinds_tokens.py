"""Model providers, gateways and developer services: tokens with prefixes.

Lengths and alphabets are those of the providers' documentation and of the rules that secret scanners publish
(GitHub secret scanning's patterns, gitleaks, trufflehog); nothing here was ever issued.
"""

import base64

from tests.redaction.dice import ALNUM, URLSAFE, Dice
from tests.redaction.kinds import Kind, in_context, secret, token

_LETTERS = ALNUM[:52]


def _anthropic(prefix: str) -> Kind:
    def make(dice: Dice) -> str:
        return f"sk-ant-{prefix}-{dice.chars(URLSAFE, 93)}AA"

    return token(f"anthropic-{prefix}", make, "ANTHROPIC_AUTH_TOKEN" if prefix[0] == "o" else "ANTHROPIC_API_KEY")


def _openai_project(dice: Dice) -> str:
    half = dice.pick([20, 58, 74])
    prefix = dice.pick(["proj", "proj", "svcacct", "admin"])
    return f"sk-{prefix}-{dice.chars(URLSAFE, half)}T3BlbkFJ{dice.chars(URLSAFE, half)}"


def _litellm(dice: Dice) -> str:
    return f"sk-{dice.chars(URLSAFE, 21)}{dice.pick(ALNUM)}"


def _master_key(dice: Dice) -> str:
    """Short and chosen by a person."""
    return "sk-" + dice.pick([dice.digits(8), dice.chars(ALNUM, 12), f"{dice.pick(['prod', 'team'])}-{dice.hex(8)}"])


def _github(dice: Dice) -> str:
    return f"gh{dice.pick('pousr')}_{dice.chars(ALNUM, 36)}"


def _gitlab(dice: Dice) -> str:
    """Personal access tokens, the old form and the routable one of GitLab 17."""
    old = f"glpat-{dice.chars(URLSAFE, 19)}{dice.pick(ALNUM)}"
    return dice.pick([old, f"glpat-{dice.chars(URLSAFE, 27)}.01.{dice.chars(ALNUM.lower(), 9)}"])


def _slack_bot(dice: Dice) -> str:
    return f"xoxb-{dice.digits(dice.randint(10, 13))}-{dice.digits(13)}-{dice.chars(ALNUM, 24)}"


def _slack_path(dice: Dice) -> str:
    place = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return f"T{dice.chars(place, dice.pick([8, 10]))}/B{dice.chars(place, dice.pick([8, 10]))}/{dice.chars(ALNUM, 24)}"


def _stripe(dice: Dice) -> str:
    account = dice.chars(ALNUM, dice.pick([24, 99]))
    return f"{dice.pick(['sk', 'rk'])}_live_{account}"


def _pypi(dice: Dice) -> str:
    """A macaroon for the index; the location it names is assembled here."""
    location = ("pypi" + ".org").encode()
    body = base64.urlsafe_b64encode(b"\x02\x01" + bytes([8, len(location)]) + location + dice.randbytes(126))
    return f"pypi-{body.decode().rstrip('=')}"


def _telegram(dice: Dice) -> str:
    return f"{dice.digits(dice.randint(9, 10))}:AA{dice.chars(URLSAFE, 32)}{dice.pick(ALNUM)}"


def _azure_openai(dice: Dice) -> str:
    """32 hex digits; since 2024 also 84 characters with a mark in them."""
    place = dice.pick(["ACYeBjFXJ3w3AAABACOG", "ACHYHv6XJ3w3AAAAACOG"])
    return dice.pick(
        [dice.hex(32), dice.hex(32), f"{dice.chars(ALNUM, 52)}JQQJ99{dice.hex(2).upper()}{place}{dice.chars(ALNUM, 4)}"]
    )


KINDS = (
    _anthropic("api03"),
    _anthropic("oat01"),
    _anthropic("ort01"),
    _anthropic("admin01"),
    token("litellm-virtual", _litellm, "LITELLM_API_KEY"),
    in_context(
        "litellm-master",
        lambda dice: secret(_master_key(dice)),
        "LITELLM_MASTER_KEY=<0>",
        "general_settings:\n  master_key: <0>\n  database_connection_pool_limit: <n>",
        "curl http://127.0.0.1:4000/key/info -H 'Authorization: Bearer <0>'",
        'ANTHROPIC_AUTH_TOKEN="<0>" ANTHROPIC_BASE_URL=http://127.0.0.1:4000 claude',
        'client = OpenAI(api_key="<0>", base_url="http://127.0.0.1:4000")',
    ),
    token("openai-project", _openai_project, "OPENAI_API_KEY"),
    token("openai-legacy", lambda dice: f"sk-{dice.chars(ALNUM, 20)}T3BlbkFJ{dice.chars(ALNUM, 20)}", "OPENAI_API_KEY"),
    token("openrouter", lambda dice: f"sk-or-v1-{dice.hex(64)}", "OPENROUTER_API_KEY"),
    token("groq", lambda dice: f"gsk_{dice.chars(ALNUM, 20)}WGdyb3FY{dice.chars(ALNUM, 24)}", "GROQ_API_KEY"),
    token("xai", lambda dice: f"xai-{dice.chars(ALNUM, 80)}", "XAI_API_KEY"),
    token(
        "gemini",
        lambda dice: f"AIza{dice.pick(['Sy', dice.chars(URLSAFE, 2)])}{dice.chars(URLSAFE, 32)}{dice.pick(ALNUM)}",
        "GEMINI_API_KEY",
        "https://generativelanguage.googleapis.com/v1beta/models?key=<0>",
    ),
    in_context(
        "azure-openai",
        lambda dice: secret(_azure_openai(dice)),
        "AZURE_OPENAI_API_KEY=<0>",
        'export AZURE_OPENAI_KEY="<0>"',
        "curl https://<app>.openai.azure.com/openai/deployments -H 'api-key: <0>'",
        'client = AzureOpenAI(azure_endpoint="https://<app>.openai.azure.com", api_key="<0>")',
        '"AzureOpenAI": {\n    "Endpoint": "https://<app>.openai.azure.com/",\n    "ApiKey": "<0>"\n  }',
    ),
    token("huggingface", lambda dice: f"hf_{dice.chars(_LETTERS, 34)}", "HF_TOKEN"),
    token(
        "github-classic",
        _github,
        "GITHUB_TOKEN",
        "git remote set-url origin https://<user>:<0>@github.com/acme/<app>.git",
    ),
    token(
        "github-fine-grained",
        lambda dice: f"github_pat_{dice.chars(ALNUM, 22)}_{dice.chars(ALNUM, 59)}",
        "GH_TOKEN",
        "gh auth login --with-token <<< <0>",
    ),
    token(
        "gitlab",
        _gitlab,
        "GITLAB_TOKEN",
        "curl --header 'PRIVATE-TOKEN: <0>' https://gitlab.example.com/api/v4/projects",
    ),
    token("slack-bot", _slack_bot, "SLACK_BOT_TOKEN"),
    token(
        "slack-webhook",
        _slack_path,
        "SLACK_WEBHOOK_URL",
        "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/<0>",
        "curl -X POST -H 'Content-type: application/json' --data '{\"text\":\"hi\"}' https://hooks.slack.com/services/<0>",
        '    webhook: "https://hooks.slack.com/services/<0>"',
        "https://hooks.slack.com/services/<0>",
        common=False,
    ),
    token("stripe-live", _stripe, "STRIPE_SECRET_KEY", "stripe.api_key = '<0>'"),
    token("stripe-webhook", lambda dice: f"whsec_{dice.chars(ALNUM, 32)}", "STRIPE_WEBHOOK_SECRET"),
    token(
        "npm",
        lambda dice: f"npm_{dice.chars(ALNUM, 36)}",
        "NPM_TOKEN",
        "//registry.example.com/:_authToken=<0>",
    ),
    token("pypi", _pypi, "TWINE_PASSWORD", "[pypi]\nusername = __token__\npassword = <0>"),
    token(
        "sendgrid",
        lambda dice: f"SG.{dice.chars(URLSAFE, 22)}.{dice.chars(URLSAFE, 42)}{dice.pick(ALNUM)}",
        "SENDGRID_API_KEY",
    ),
    token("telegram", _telegram, "TELEGRAM_BOT_TOKEN", "https://api.telegram.org/bot<0>/getUpdates"),
)
