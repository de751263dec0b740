"""Keys of model providers and gateways."""

import re
from typing import ClassVar, override

from recorder.redact.guards import is_filler
from recorder.redact.rules.base import Place, Rule


class Anthropic(Rule):
    """Anthropic keys: `sk-ant-` + use + version + body."""

    # https://docs.anthropic.com/en/api/admin-api (admin01), api03 by the console; oat01 and ort01 are the access and
    # refresh tokens of Claude Code's OAuth login. The version may count on.
    kind = "anthropic-key"
    pattern = r"sk-ant-[a-z]{2,12}[0-9]{2}-[A-Za-z0-9_-]{16,}"
    _kinds: ClassVar = {b"api": "anthropic-api-key", b"adm": "anthropic-admin-key", b"oat": "anthropic-oauth-access"}

    @override
    def kind_of(self, place: Place) -> str:
        use = place.value[7:10]
        return "anthropic-oauth-refresh" if use == b"ort" else self._kinds.get(use, self.kind)

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        body = value[value.index(b"-", 7) + 1 :]
        # Of the length of a real one, whatever it spells.
        return len(body) >= 90 or not is_filler(body)


class Recorder(Rule):
    """This program's own keys, by which a team's recorder knows who asks."""

    # recorder/access/keys.py: `rcdr-` and 32 random bytes in base64url
    kind = "recorder-key"
    pattern = r"\brcdr-[A-Za-z0-9_-]{43}"


class OpenRouter(Rule):
    """OpenRouter keys."""

    # https://openrouter.ai/docs/api-reference/authentication: `sk-or-v1-` and 64 hex digits
    kind = "openrouter-api-key"
    pattern = r"sk-or-v[0-9]-[0-9A-Za-z]{32,}"


class OpenAi(Rule):
    """OpenAI project, service-account and admin keys, and the legacy form."""

    # https://platform.openai.com/docs/api-reference/authentication; `T3BlbkFJ` is base64 of "OpenAI"
    kind = "openai-api-key"
    pattern = r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}"


# `sk-ant-admin01-` in a text about keys, `sk-learn-contrib2`
_NAME = re.compile(rb"sk-(?:[a-z]+[0-9]{0,2}-)*[a-z]*[0-9]{0,2}")


class LiteLlm(Rule):
    """LiteLLM master and virtual keys, and any other key that is `sk-` and a body."""

    # https://docs.litellm.ai/docs/proxy/virtual_keys: keys begin with `sk-`; generated ones have 22 characters,
    # a master key is whatever its owner made up. DeepSeek, Moonshot and old OpenAI keys have the same shape.
    kind = "sk-key"
    pattern = r"\bsk-[A-Za-z0-9_-]{12,}"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if value.startswith((b"sk-ssh-", b"sk-ecdsa-")):
            return False  # OpenSSH's names of keys on security tokens (PROTOCOL.u2f)
        body = value[3:]
        made = len(re.findall(rb"[0-9]", body)) >= 2 or bool(re.search(rb"[a-z]", body) and re.search(rb"[A-Z]", body))
        return made and not is_filler(value) and not _NAME.fullmatch(value)


class Groq(Rule):
    """Groq keys."""

    # https://console.groq.com/docs/quickstart: `gsk_` and 52 characters
    kind = "groq-api-key"
    pattern = r"\bgsk_[A-Za-z0-9]{40,}"


class XAi(Rule):
    """Keys of xAI (Grok)."""

    # https://docs.x.ai/docs/overview: `xai-` and 80 characters
    kind = "xai-api-key"
    pattern = r"\bxai-[A-Za-z0-9_-]{60,}"


class Perplexity(Rule):
    """Perplexity keys."""

    # https://docs.perplexity.ai/getting-started/quickstart: `pplx-` and 48 characters
    kind = "perplexity-api-key"
    pattern = r"\bpplx-[A-Za-z0-9]{40,}"


class GoogleApiKey(Rule):
    """Google API keys, Gemini's among them."""

    # https://cloud.google.com/docs/authentication/api-keys: `AIza` and 35 URL-safe characters
    kind = "google-api-key"
    pattern = r"\bAIza[A-Za-z0-9_-]{35}"


class AzureAi(Rule):
    """Azure OpenAI and Azure AI keys: 32 hex digits beside a word that says so (the newer ones: `AzureSignedKey`)."""

    # https://learn.microsoft.com/azure/ai-services/authentication (Ocp-Apim-Subscription-Key, api-key)
    kind = "azure-api-key"
    pattern = (
        r"(?i)(?:azure|openai|ocp-apim|subscription|cognitive|foundry)[^\n]{0,60}?(?:key|token|secret)[^A-Za-z0-9\n]{1,8}"
        r"([0-9a-f]{32})\b"
    )


RULES = (
    Anthropic(),
    Recorder(),
    OpenRouter(),
    OpenAi(),
    LiteLlm(),
    Groq(),
    XAi(),
    Perplexity(),
    GoogleApiKey(),
    AzureAi(),
)
