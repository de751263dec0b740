"""Tokens of services that are known by their first characters.

Each vendor's own documentation says so (named beside each); the shapes that vendors share come last.
"""

import re
from typing import override

from recorder.redact.generated import is_generated, is_uuid
from recorder.redact.guards import classes, is_filler
from recorder.redact.rules.base import Place, Rule
from recorder.redact.runs import decode_base64

_PREFIXED = (
    # https://developers.cloudflare.com/fundamentals/api: cfut_ (user), cfat_ (account), cfk_ (global), cfc_
    r"cf(?:ut|at|k|c)_[A-Za-z0-9_-]{36,}"
    # https://docs.netlify.com/api: nfp_, nfc_, nfo_, nfu_, nfb_
    r"|nf[pcoub]_[A-Za-z0-9]{36}"
    # https://vercel.com/docs/rest-api: vcp_ (personal), vci_, vca_, vcr_, vck_ (AI gateway)
    r"|vc[piark]_[A-Za-z0-9]{24,}"
    # https://planetscale.com/docs: passwords, service and OAuth tokens
    r"|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9=._-]{32,}"
    # https://docs.cloud.llamaindex.ai (llx-), https://docs.apify.com/platform/integrations/api (apify_api_)
    r"|llx-[A-Za-z0-9_-]{32,}|apify_api_[A-Za-z0-9-]{30,}"
    # https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys
    r"|NR(?:AK|AA|BR|II|IQ|JS|RA|SP)-[A-Za-z0-9_-]{16,}"
    # https://docs.portainer.io/api/access (ptr_), https://goshippo.com/docs (shippo_), https://pganalyze.com/docs
    r"|ptr_[A-Za-z0-9+/=_-]{30,}|shippo_(?:live|test)_[A-Za-z0-9]{36,}|pgar?_[A-Za-z0-9]{27,}"
    # https://developer.squareup.com/docs/build-basics/access-tokens
    r"|(?:sandbox-)?sq0[a-z]{3}-[A-Za-z0-9_-]{20,}"
    # https://support.atlassian.com (API tokens, Bitbucket app passwords and repository tokens)
    r"|AT(?:ATT|CTT|BT|OAT|BB|APT|LPT)[A-Za-z0-9+/=_.-]{24,}"
    # https://docs.launchdarkly.com/home/account/api: mobile (mob-), server (sdk-), access tokens (api-)
    r"|(?:api|sdk|mob)-[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12}"
    # https://docs.nats.io (NKEY seeds: S, then the kind, base32 of 32 bytes and a checksum)
    r"|S[UANOCXM][A-Z2-7]{55,57}"
    # https://io.adafruit.com/api/docs (aio_)
    r"|aio_[A-Za-z0-9]{26,30}"
    # https://www.akamai.com: EdgeGrid tokens
    r"|akab-[a-z0-9]{16}-[a-z0-9]{16}"
    # https://fly.io/docs/security/tokens
    r"|(?:FlyV1 )?fm[12][ar]?_[A-Za-z0-9+/=,_-]{60,}"
    # https://docs.spectralops.io (spu-), https://wundergraph.com/docs (cosmo_), https://docs.besttime.app (pri_)
    r"|spu-[0-9a-f]{32}|cosmo_[0-9a-f]{32}|pri_[0-9a-f]{32}"
    # https://jfrog.com/help (AKC…, reference tokens `cmVmdGtu` = base64 of "reftkn")
    r"|AKC[A-Za-z0-9]{70}|cmVmd[A-Za-z0-9]{59}"
    # https://help.salesforce.com: the organisation's id, `!`, and the session
    r"|00[A-Za-z0-9]{10,16}![A-Za-z0-9._-]{48,}"
    # https://apidocs.teamwork.com (tkn.v1_)
    r"|tkn\.v[0-9]_[A-Za-z0-9+/=_-]{40,}"
    # https://docs.defined.net (dnkey-), https://developer.1password.com/docs/service-accounts (ops_eyJ)
    r"|dnkey-[A-Z0-9]{20,}-[A-Z0-9]{40,}|ops_eyJ[A-Za-z0-9+/_=-]{100,}"
    # https://support.1password.com/secret-key-security: the account's key, recovery codes
    r"|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-(?:[A-Z0-9]{5}-){2}[A-Z0-9]{5}|1PRK(?:-[A-Z0-9]{4}){8,14}"
    # https://devcenter.heroku.com/articles/authentication (HRKU-), https://posthog.com/docs/api (phx_ personal, …)
    r"|HRKU-[A-Za-z0-9_-]{36,}|ph[asrx]_[A-Za-z0-9]{40,}"
    # https://supabase.com/docs (sbp_), https://docs.tavily.com (tvly-), https://duffel.com/docs (duffel_)
    r"|sbp_(?:v0_)?[0-9a-f]{40}|tvly-[A-Za-z0-9_-]{24,}|duffel_(?:live|test)_[A-Za-z0-9_=-]{40,}"
    # https://developers.facebook.com/docs/instagram (IGQV), https://developer.paypal.com/braintree (access_token$)
    r"|IGQV[A-Za-z0-9_-]{80,}|access_token\$(?:production|sandbox)\$[0-9a-z]{12,20}\$[0-9a-z]{32}"
    # https://learn.microsoft.com/nuget: base32 that begins with oy2; https://shopify.dev: longer since 2024
    r"|oy2[a-z0-9]{43}|shp(?:at|ca|pa|ss)_[A-Za-z0-9]{32,}"
    # https://docs.dependencytrack.org (odt_), https://dev.twitch.tv (stream keys: live_, the channel's id)
    r"|odt_[A-Za-z0-9]{32,44}|live_[0-9]{6,12}_[A-Za-z0-9]{28,32}"
    # https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt
    r"|key-[0-9a-zA-Z]{32,36}"
    # https://docs.sonarsource.com (sqp_, sqa_, squ_), https://sourcegraph.com/docs (slk_, sgp_)
    r"|sq[apu]_[0-9a-f]{40}|slk_[0-9a-f]{64}|sgp_(?:[0-9a-zA-Z]{16}_|local_)?[0-9a-f]{40}"
    # https://elevenlabs.io/docs (sk_), https://docs.runwayml.com and https://docs.retellai.com (key_)
    r"|sk_[0-9a-f]{48}|key_(?:[0-9a-f]{28,160}|[A-Za-z0-9]{60,66})"
    # https://clickhouse.com/docs (4b1d), https://crates.io/policies (cio), https://docs.deno.com (ddp_, ddo_, ddw_)
    r"|4b1d[A-Za-z0-9]{38}|cio[A-Za-z0-9]{32}|dd[pow]_[A-Za-z0-9]{36,40}"
    # https://docs.aws.amazon.com/appsync (da2-), https://docs.aws.amazon.com/general (amzn.mws.)
    r"|da2-[a-z0-9]{26}|amzn\.mws\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    # https://documentation.onfido.com (api_live.…), https://docs.scale.com (live_), https://kolide.com (k2sk_)
    r"|api_(?:live|sandbox)(?:_[a-z]{2})?\.[A-Za-z0-9_-]{8,16}\.[A-Za-z0-9_-]{24,40}|(?:live|test)_[0-9a-f]{32}"
    r"|k2sk_v[0-9]_[A-Za-z0-9]{24}"
    # https://www.contentful.com (CFPAT-), https://docs.ubidots.com (BBFF-)
    r"|CFPAT-[A-Za-z0-9_-]{43}|BBFF-[A-Za-z0-9]{30,}"
    # https://clickup.com/api (pk_, the user, 32 capitals), https://scrapfly.io/docs (scp-live-)
    r"|pk_[0-9]{5,9}_[A-Z0-9]{32}|scp-(?:live|test)-[0-9a-f]{32}"
    # https://www.typeform.com/developers (tfp_), https://docs.friendli.ai (flp_), https://docs.readme.com (rdme_)
    r"|tfp_[A-Za-z0-9_-]{40,}|flp_[A-Za-z0-9]{40,}|rdme_[a-z0-9]{60,}"
    # https://www.mongodb.com/docs/atlas (mdb_sa_sk_), https://docs.fleetbase.io (flb_), https://docs.mergify.com
    # https://www.zoho.com/crm/developer/docs/api/v8/access-refresh.html (1000.), https://docs.nightfall.ai (NF-)
    r"|1000\.[0-9a-f]{32}\.[0-9a-f]{32}|NF-[A-Za-z0-9]{32}"
    # https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode (AQ.), https://firebase.google.com/docs/cloud-messaging
    r"|AQ\.Ab[A-Za-z0-9_-]{30,}|AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{100,}"
    # https://www.elastic.co/docs/deploy-manage/api-keys (essu_), https://docs.astral.sh/pyx, docs.photoroom.com
    r"|essu_[A-Za-z0-9+/=_-]{40,}|sk-pyx-[0-9]-?[A-Za-z0-9]{32,}|sk_pr_[a-z0-9_]{1,24}_[0-9a-f]{40}"
    # https://confluence.atlassian.com (BBDC-), https://docs.djangoproject.com (startproject: django-insecure-)
    r"|BBDC-[A-Za-z0-9+/@_-]{40,50}|django-insecure-[^\s\"'`]{32,}"
    # https://developers.tickettailor.com (sk_, account, number), https://docs.launchdarkly.com
    r"|sk_[0-9]{2,8}_[0-9]{2,8}_[0-9a-f]{32,40}|launchdarkly-private-[0-9a-f-]{36}"
    # https://developer.harness.io/docs/platform/automation/api (pat., sat.: account, id, secret)
    r"|[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"
    # https://apidocs.aikido.dev (AIK_), https://www.canva.dev (cnvca), https://community.exoscale.com (EXO)
    r"|AIK_[A-Z]{3,8}_[A-Za-z0-9_-]{32,}|cnvca[A-Za-z0-9_-]{40,}|EXO[A-Za-z0-9]{24,32}"
    # https://developer.flutterwave.com (FLWSECK), https://dev.bitly.com (R_), https://docs.locationiq.com (pk.)
    r"|FLWSECK(?:_TEST)?-[0-9A-Za-z]{12,40}-X|R_[0-9a-f]{32}|pk\.[0-9a-f]{32}"
    # https://www.dropbox.com/developers/reference/oauth-guide (sl.: short-lived)
    r"|sl\.(?:u\.)?[A-Za-z0-9_-]{120,}"
    # https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients
    r"|dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}"
    # https://developers.facebook.com/docs/facebook-login/guides/access-tokens (the application's id, `|`, its token)
    r"|[0-9]{13,17}\|[A-Za-z0-9_-]{27}"
    # https://help.salesforce.com (a connected application's consumer key), https://developers.weixin.qq.com (AppID):
    # they name the application and go with the rest, as AWS's key ids do
    r"|3MVG[A-Za-z0-9_.]{60,100}|wx[0-9a-f]{16}"
    # https://developers.brevo.com (xkeysib-, xsmtpsib-), https://docs.mapbox.com/api/accounts/tokens (sk.: secret)
    r"|x(?:key|smtp)sib-[A-Za-z0-9]{64}-[A-Za-z0-9]{16}|sk\.[A-Za-z0-9_-]{40,}(?:\.[A-Za-z0-9_-]{16,})?"
    # https://docs.smith.langchain.com (lsv2_pt_, lsv2_sk_), https://docs.pinecone.io (pcsk_)
    r"|lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}|pcsk_[A-Za-z0-9_]{24,}"
    # https://docs.firecrawl.dev/authentication (fc-, OAuth: fco_, fcr_)
    r"|fc-[0-9a-f]{32}|fc[or]_[A-Za-z0-9]{32,}"
    r"|mdb_sa_sk_[A-Za-z0-9_-]{36,}|flb_(?:live|test)_[A-Za-z0-9]{20,}|mergify_application_key_[A-Za-z0-9_-]{40,}"
)


class Documented(Rule):
    """Prefixes that one vendor has, and the alphabet and length of what follows."""

    kind = "service-token"
    # An underscore in front belongs to a name that is glued to it: `MY_tskey-…`.
    pattern = r"(?:\b|_)(" + _PREFIXED + r")"
    prefilter = (re.sub(r"\{(\d+),\}(?=\||\Z)", r"{\1}", _PREFIXED),)

    @override
    def accepts(self, place: Place) -> bool:
        return not is_filler(place.value) or is_generated(re.split(rb"[_-]", place.value)[-1], least=24)


class Suffixed(Rule):
    """Tokens that are known by what stands in their middle or at their end."""

    kind = "service-token"
    pattern = (
        r"\b(?:"
        # https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys (NRAL: licence, NRMA: mobile)
        r"[0-9a-z]{32,40}(?:FFFF)?NRAL|[A-Za-z0-9]{2,20}-NRMA"
        # https://mailchimp.com/developer (32 hex digits, data centre)
        r"|[0-9a-fA-F]{32}-us[0-9]{1,2}"
        # https://learn.microsoft.com/azure/devops (personal access tokens: AZDO at a fixed place)
        r"|[A-Za-z0-9]{52,76}AZDO[A-Za-z0-9+/=]{4,8}"
        # https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt
        r"|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"
        # https://support.maxmind.com
        r"|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"
        # https://help.tableau.com (personal access tokens: 16 bytes in base64, a colon, 32 characters)
        r"|[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32})"
    )
    prefilter = (
        "[0-9a-zF]NRAL",
        "[A-Za-z0-9]-NRMA",
        "[0-9a-fA-F]{32}-us[0-9]",
        "AZDO[A-Za-z0-9+/=]{4}",
        "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}",
        "[A-Za-z0-9]_mmk",
        "==:[A-Za-z0-9]{32}",
    )


class AtlassianToken(Rule):
    """Personal tokens of Jira and Confluence in a data centre: twelve digits, a colon and twenty bytes, in base64."""

    # https://confluence.atlassian.com/enterprise ("Using personal access tokens"): base64 of id, colon, secret
    kind = "service-token"
    pattern = r"(?:^|[^A-Za-z0-9+=_-])([MNO][A-Za-z0-9]{15}O[g-v][A-Za-z0-9+/]{26})(?:[^A-Za-z0-9+/=]|$)"
    prefilter = (r"[MNO][A-Za-z0-9]{15}O[g-v][A-Za-z0-9+/]{26}",)

    @override
    def accepts(self, place: Place) -> bool:
        return re.fullmatch(rb"[0-9]{12}:", decode_base64(place.value)[:13]) is not None


class InBase64(Rule):
    """Tokens whose prefix occurs in base64 by accident: only where a run begins."""

    # https://developers.facebook.com/docs/facebook-login (EAA…), https://developer.squareup.com (EAAA…),
    # https://developer.x.com (app-only bearer: many A)
    kind = "service-token"
    # https://www.dropbox.com/developers/reference/oauth-guide (long-lived: ten A behind eleven characters)
    pattern = (
        r"(?:^|[^A-Za-z0-9+/=_%-])(EAACEdEose0cBA[A-Za-z0-9]{16,}|EAA[A-Za-z0-9_-]{60,}"
        r"|A{20,22}[B-Z][A-Za-z0-9%]{60,120}|[A-Za-z0-9]{11}A{10}[A-Za-z0-9_-]{43})(?:[^A-Za-z0-9+/=]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return is_generated(place.value[20:])


class JFrogPassword(Rule):
    """Encrypted passwords of Artifactory, whose short prefix stands in every long run of base64 by accident."""

    # https://jfrog.com/help: AP and a digit of what follows
    kind = "service-token"
    pattern = r"(?:^|[^A-Za-z0-9+/_%-])(AP[0-9A-F][A-Za-z0-9]{8,40})(?:[^A-Za-z0-9+/=]|$)"

    @override
    def accepts(self, place: Place) -> bool:
        # The index page of a JFrog repository is full of `APP…` in capitals: a token has digits.
        return not is_filler(place.value) and bool(re.search(rb"[0-9].*[a-z]", place.value))


class DiscordBot(Rule):
    """Discord bot tokens: the bot's id in base64, a time stamp, a signature."""

    # https://discord.com/developers/docs/reference#authentication
    kind = "discord-bot-token"
    pattern = r"\b[MNOA][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"


_BASE64 = (b"-", b"_", b"+", b"/")
# What a vendor's prefix says about what follows.
_USE = r"(?:api|app|key|apikey|tok|tkn|token|sec|secret|pat|live|prod|test|sk|pw|pwd|oauth|auth|access|refresh|priv)"
_PUBLIC = re.compile(rb"(?:pk|pub|publishable|test_id|client_id|id)_|nonce-")


class PrefixAndUse(Rule):
    """`vendor_api_…`, `ramp_sec_…`, `thog-key-…`: a short name, what it is for, and a random body."""

    # The convention that GitHub's scheme of 2021 made common:
    # https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    kind = "service-token"
    pattern = r"\b[a-z][a-z0-9]{1,9}[_-]" + _USE + r"[_-][A-Za-z0-9_-]{16,}"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        body = re.split(rb"[_-]", value, maxsplit=2)[2]
        if is_uuid(body) and b"_" not in value:
            return False  # the name of a page or of an alarm: `security-app-` and a UUID
        return is_generated(body) and not _PUBLIC.match(value) and not is_filler(value)


class PrefixAndBody(Rule):
    """`tfp_…`, `acme_live_…`: a short name and a body that is longer than those of ids, and random."""

    # The same convention; the ids that services write this way have bodies of up to 27 characters, or hexadecimal ones.
    kind = "service-token"
    pattern = (
        r"\b[a-z][a-z0-9]{1,9}(?:_[a-z0-9]{1,8}){0,2}_[A-Za-z0-9]{32,}|\b(?:[A-Z]{3,6}|[a-z]{2,8})-[A-Za-z0-9]{32,}"
    )
    prefilter = ("[a-z0-9]_[A-Za-z0-9]{32}", "[A-Za-z]{2}-[A-Za-z0-9]{32}")

    @override
    def accepts(self, place: Place) -> bool:
        value, text = place.value, place.text
        if text[place.start - 1 : place.start] in _BASE64 or text[place.end : place.end + 1] in _BASE64:
            return False  # in base64 of the URL-safe alphabet such a name stands by accident
        body = re.split(rb"[_-]", value)[-1]
        if re.fullmatch(rb"[0-9a-f]{32,64}[LR][0-9]+", body):
            return False  # a line of a comparison on GitHub
        return classes(body) == 3 and is_generated(body) and not _PUBLIC.match(value) and not is_filler(value)


RULES = (
    Documented(),
    Suffixed(),
    AtlassianToken(),
    InBase64(),
    JFrogPassword(),
    DiscordBot(),
    PrefixAndUse(),
    PrefixAndBody(),
)
