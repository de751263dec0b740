"""Tokens of developer services."""

from typing import override

from recorder.redact.rules.base import Place, Rule


class GitHub(Rule):
    """GitHub tokens: classic, OAuth, app, refresh, and fine-grained."""

    # https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    kind = "github-pat"
    pattern = r"gh[pousr]_[A-Za-z0-9]{20,}|ghs_[0-9]{1,12}_eyJ[A-Za-z0-9_.-]{20,}|github_pat_[A-Za-z0-9_]{22,}"


class GitLab(Rule):
    """GitLab tokens of all prefixes."""

    # https://docs.gitlab.com/security/tokens/#token-prefixes
    kind = "gitlab-token"
    pattern = r"\b(?:gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-|GR1348941)[A-Za-z0-9_.-]{16,}"


class SlackToken(Rule):
    """Slack bot, user, app and legacy tokens."""

    # https://docs.slack.dev/authentication/tokens
    kind = "slack-token"
    pattern = r"\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{20,}"


class SlackWebhook(Rule):
    """Slack incoming webhooks: whoever has the URL may post."""

    # https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    kind = "slack-webhook"
    pattern = r"(?:https?://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_+-]{20,}"


class Stripe(Rule):
    """Stripe secret and restricted keys and webhook secrets; publishable keys (`pk_`) are public and stay."""

    # https://docs.stripe.com/keys and https://docs.stripe.com/webhooks#verify-official-libraries
    kind = "stripe-key"
    pattern = r"\b(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{24,})"


class Npm(Rule):
    """npm access tokens, and `_authToken` of any registry."""

    # npm's documentation, "About access tokens"
    kind = "npm-token"
    pattern = (
        r"\bnpm_[A-Za-z0-9]{30,}"
        r"|//[^\s:]+(?::[0-9]+)?[^\s:]*:_(?:authToken|auth|password)[ \t]*=[ \t]*[\"']?([A-Za-z0-9+/=_.-]{16,})"
        r"|(?m:^)_(?:authToken|auth|password)[ \t]*=[ \t]*[\"']?([A-Za-z0-9+/=_.-]{16,})"
    )


class PyPi(Rule):
    """PyPI and TestPyPI tokens: macaroons that begin with the index's name."""

    # The index's help, "API tokens": a macaroon in base64 whose first fields are version and the index's host name
    kind = "pypi-token"
    pattern = r"\bpypi-[A-Za-z0-9_-]{32,}"


class HuggingFace(Rule):
    """Hugging Face user and organisation tokens."""

    # https://huggingface.co/docs/hub/security-tokens
    kind = "huggingface-token"
    pattern = r"\b(?:hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,})"


class SendGrid(Rule):
    """SendGrid keys: `SG.`, 22 characters, a dot, 43 characters."""

    # https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys
    kind = "sendgrid-api-key"
    pattern = r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"


class TwilioAccount(Rule):
    """Twilio account SIDs: they are the name in basic authentication, and go with the rest as AWS's key ids do."""

    # https://www.twilio.com/docs/glossary/what-is-a-sid: AC and 32 hex digits
    kind = "twilio-account-sid"
    pattern = r"\bAC[0-9a-f]{32}\b"

    @override
    def accepts(self, place: Place) -> bool:
        return len(set(place.value)) >= 10


class Telegram(Rule):
    """Telegram bot tokens: the bot's id, a colon, 35 characters that nearly always begin with `A`."""

    # https://core.telegram.org/bots/api#authorizing-your-bot
    kind = "telegram-bot-token"
    pattern = r"(?:^|[^0-9A-Za-z])(?:bot)?([0-9]{8,10}:(?:A[A-Za-z0-9_-]{32,36}|[A-Za-z0-9_-]{35}))(?:[^A-Za-z0-9_-]|$)"
    prefilter = (r"[0-9]{8}:[A-Za-z0-9_-]{33}",)


class Others(Rule):
    """Services whose tokens have a prefix of their own and a long body."""

    # https://www.digitalocean.com/blog/protecting-customers-with-github-secret-scanning (dop_, doo_, dor_)
    # https://developer.hashicorp.com/vault/docs/concepts/tokens (hvs., hvb., hvr.), https://shopify.dev (shp…)
    # https://docs.docker.com/security/access-tokens (dckr_pat_), https://grafana.com/docs (glsa_, glc_)
    # https://developers.linear.app (lin_api_), https://docs.databricks.com (dapi), https://docs.sentry.io (sntrys_)
    # https://tailscale.com/kb/1252/key-prefixes (tskey-), https://docs.doppler.com (dp.pt.), https://resend.com (re_)
    kind = "service-token"
    pattern = (
        r"(?:\b|_)(do[opr]_v1_[0-9a-f]{64}|hv[sbr]\.[A-Za-z0-9_-]{24,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
        r"|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|gl(?:sa|c)_[A-Za-z0-9+/=_]{32,}|lin_(?:api|oauth)_[A-Za-z0-9]{32,}"
        r"|dapi[0-9a-f-]{32,36}|sntry[su]_[A-Za-z0-9+/=_-]{40,}|tskey-[a-z]+-[A-Za-z0-9-]{20,}"
        r"|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{30,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|pul-[0-9a-f]{40}"
        r"|secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,}|sbp_[0-9a-f]{40}|rubygems_[0-9a-f]{48}|figd_[A-Za-z0-9_-]{40,}"
        r"|key-[0-9a-f]{32}|EZ[AT]K[A-Za-z0-9]{54}|fo1_[A-Za-z0-9_-]{43}|nvapi-[A-Za-z0-9_-]{40,}|r8_[A-Za-z0-9]{37,40})"
    )


class DiscordWebhook(Rule):
    """Discord webhooks: whoever has the URL may post."""

    # https://discord.com/developers/docs/resources/webhook
    kind = "discord-webhook"
    pattern = r"(?:https?://)?(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/[0-9]{15,20}/[A-Za-z0-9_-]{50,}"


class JsonWebToken(Rule):
    """JSON Web Tokens, signed or encrypted."""

    # RFC 7519, RFC 7516: parts in base64url, the header begins with `{"`, which is `eyJ`
    kind = "jwt"
    pattern = (
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{8,}){0,2}"
        r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}"
    )


RULES = (
    GitHub(),
    GitLab(),
    SlackToken(),
    SlackWebhook(),
    Stripe(),
    Npm(),
    PyPi(),
    HuggingFace(),
    SendGrid(),
    TwilioAccount(),
    Telegram(),
    Others(),
    DiscordWebhook(),
    JsonWebToken(),
)
