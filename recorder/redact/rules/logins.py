"""Passwords among the arguments of calls that log in: there even a word is one, for nothing else stands there."""

import re
from typing import override

from recorder.redact.generated import is_generated
from recorder.redact.guards import (
    classes,
    is_filler,
    is_made_up,
    is_plainly_made,
    is_random,
    is_reference,
    is_template,
    is_word,
)
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import Sort, sort_of
from recorder.redact.rules.values import is_one_word, is_secret
from recorder.redact.spans import Rank

_QUOTED = r"[brBR@$]{0,2}[\"']([^\"'\n]{4,128})[\"']"
_ANY = r"(?:[\"'][^\"'\n]{0,160}[\"']|[\w.$>\[\]-]{1,60}(?:\([^()\n]{0,40}\))?)"
_COMMA = r"\s{0,2},\s{0,24}"
# What documentation writes in that place.
_SPOKEN = re.compile(
    rb"(?i)(?:the|my|your|user|db|some|a)?[-_ ]?"
    rb"(?:pass(?:word|wd|phrase)?|pwd|pw|secret|user(?:name)?|login|domain|string)[-_ ]?(?:here)?"
)


class Login(Rule):
    """Base: what is handed to such a call is a password unless it says that it only stands for one."""

    kind = "password"
    rank = Rank.CONTEXT

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.rpartition(b":")[2] or place.value  # `name:password`
        stands_for_one = is_word(value) or is_reference(value) or is_filler(value) or is_template(value)
        return not stands_for_one and not _SPOKEN.fullmatch(value) and value.count(b" ") < 3


class UserAndPassword(Login):
    """`new PasswordAuthentication("ada", "…".toCharArray())`, `ftp_login($connection, "ada", "…")`."""

    # https://docs.oracle.com/javase/8/docs/api/java/net/PasswordAuthentication.html and DriverManager.getConnection,
    # https://learn.microsoft.com/dotnet/api/system.net.networkcredential, Apache HttpClient,
    # https://learn.microsoft.com/dotnet/api/system.directoryservices.directoryentry.-ctor: path, user, password,
    # https://www.php.net/manual: mysqli, PDO, ftp_login, ssh2_auth_password, ldap_bind, odbc_connect, oci_connect;
    # https://requests.readthedocs.io/en/latest/user/authentication, JSch and Ganymed (authenticateWithPassword),
    # https://mongodb.github.io/mongo-java-driver (MongoCredential: user, database, password)
    pattern = (
        r"\b(?:PasswordAuthentication|NetworkCredential|UsernamePassword(?:Credentials?|Token|Authentication\w{0,24})|HTTPBasicAuth"
        r"|HTTPDigestAuth|HTTPProxyAuth|HttpNtlmAuth|BasicAuth(?:entication)?|BasicAWSCredentials|AwsBasicCredentials\.create"
        r"|PasswordCredentials?|authenticateWithPassword|authPassword|addIdentity|add_credentials|setBasicAuth|set_basic_auth"
        r"|withBasicAuth|loginWithUsernamePassword|basicAuth|KerberosKey|http_basic_auth|Credentials\.basic|SMTPAuth)\s{0,2}\(\s{0,24}"
        + _ANY
        + _COMMA
        + _QUOTED
        + r"|(?:\bDriverManager\.getConnection|[dD]ataSource\.getConnection|DirectoryEntry|mysqli|PDO"
        r"|mysqli?_p?connect|ftp_login|ssh2_auth_password|ldap_bind|odbc_p?connect|oci_p?connect|mssql_connect|sqlanywhere_connect|db2_connect"
        r"|create\w{0,16}Credential|imap_open|openssl_(?:en|de)crypt|pymysql\.connect|MySQLdb\.connect|psycopg2\.connect|ftplib\.FTP|FTP_TLS|smtp\.PlainAuth|Sequelize)\s{0,2}\(\s{0,24}"
        + _ANY
        + _COMMA
        + _ANY
        + _COMMA
        + _QUOTED
    )


class PasswordAlone(Login):
    """`new PBEKeySpec("…".toCharArray())`, `setKeyStorePassword("…")`, `keyStore.load(stream, "…".toCharArray())`."""

    # https://docs.oracle.com/javase/8/docs/api/javax/crypto/spec/PBEKeySpec.html, java/security/KeyStore.html,
    # https://learn.microsoft.com/dotnet/api/system.security.cryptography.rfc2898derivebytes, Auth0's java-jwt, JJWT,
    # Spring Security's Encryptors, https://www.php.net/manual/function.password-hash.php, phpredis and Jedis
    pattern = (
        r"\b(?:PBEKeySpec|PasswordProtection|PasswordDeriveBytes|Rfc2898DeriveBytes|(?:set|with)(?:Key|Trust)?(?:Store)?Pass(?:word|phrase))"
        r"\s{0,2}\(\s{0,24}"
        + _QUOTED
        + r"|\b(?:Algorithm\.HMAC(?:256|384|512)|Encryptors\.(?:text|stronger|delux|queryableText)|password_hash"
        r"|(?:redis|jedis)(?:\.|->)auth|setSigningKey|signWith)\(\s{0,8}(?:[\w.]{1,40},\s{0,8})?"
        + _QUOTED
        # https://curl.se/libcurl/c/CURLOPT_USERPWD.html and its like
        + r"|\bCURLOPT_(?:PROXY)?(?:USERPWD|PASSWORD|KEYPASSWD|TLSAUTH_PASSWORD|XOAUTH2_BEARER),\s{0,4}"
        + _QUOTED
        + r"|\.(?:load|getKey|setKeyEntry|loadKeyMaterial|loadTrustMaterial)\(\s{0,8}[^\"'\n]{1,80},\s{0,8}"
        + _QUOTED
        + r"\s{0,2}\.toCharArray\(\)"
    )


class NamedArgument(Login):
    """`properties.put("password", "…")`, `getProperty("db.password", "…")`: a name, a comma, a value."""

    # https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html, java/util/Map.html
    kind = "password"
    pattern = (
        r"\b(?:put|putIfAbsent|setProperty|getProperty|getOrDefault|setParameter|addParameter|addProperty|setAttribute"
        r"|addHeader|setHeader|setRequestHeader|putString|formParam|queryParam|append|Pair|entry|Map\.of|BasicNameValuePair)\s{0,2}"
        r"\(\s{0,4}[\"'][A-Za-z0-9_.-]{0,40}(?i:password|passwd|passphrase|pwd|secret|api_?key|access_?key|token)[\"'],\s{0,4}"
        + _QUOTED
    )

    @override
    def accepts(self, place: Place) -> bool:
        name = re.search(rb"[\"']([A-Za-z0-9_.-]{3,60})[\"'],\s{0,4}[^,]{0,3}\Z", place.text[place.at : place.start])
        sort = sort_of(name.group(1).decode().rsplit(".", 1)[-1]) if name else Sort.NONE
        value = place.value
        if sort is Sort.NONE:
            return False
        if sort is Sort.TOKEN:
            return is_secret(value, sort, quoted=True)
        return is_one_word(value) or (super().accepts(place) and is_secret(value, sort, quoted=True))


class Parameter(Login):
    """`"…&password=velvet"` in a string of code, and `${db.password:velvet}`: a word, ended as parameters are."""

    # RFC 1866 §8.2.1, https://docs.spring.io/spring-framework/reference/core/beans/annotation-config/value-annotations.html
    pattern = (
        r"[\"'?&;](?i:password|passwd|passphrase|pwd)=([A-Za-z][A-Za-z_-]{3,31})[\"'&;]"
        r"|\$\{[A-Za-z0-9_.-]{0,60}(?i:password|passwd|passphrase|pwd):([^{}\s\"'`:]{4,64})\}"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return super().accepts(place) and is_one_word(place.value.lower())


class Guessed(Login):
    """`smtp.login("ada", "…")`, `auth=("ada", "…")`, `connect("db", "ada", "…")`: names that other things have too."""

    # https://docs.python.org/3/library/smtplib.html#smtplib.SMTP.login, Requests' documentation ("Basic
    # Authentication")
    pattern = (
        r"(?i)(?:\.login|auth\s{0,2}[=:]\s{0,2}|basic_?auth|\.auth|\.authenticate|plainauth|basicauthprovider|NTLMAuth)"
        r"\s{0,2}[(\[]\s{0,8}(?:[\"'][^\"'\n]{0,64}[\"']|[\w.]{1,40})\s{0,2},\s{0,8}[brBR]?[\"']([^\"'\n]{4,})[\"']"
        r"|(?:pg_connect|getConnection|connect)\s{0,2}\(\s{0,8}"
        r"(?:[\"'][^\"'\n]{0,160}[\"']|[\w.$]{1,40})\s{0,2},\s{0,24}[\"'][^\"'\n]{0,64}[\"']\s{0,2},\s{0,24}"
        r"[\"']([^\"'\n]{4,})[\"']"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if not super().accepts(place):
            return False
        made = is_made_up(value) or is_random(value) or is_generated(value, least=12) or is_plainly_made(value)
        return (made and is_secret(value, Sort.PASSWORD, quoted=True)) or is_one_word(value)


class Typed(Login):
    """`page.fill("#password", "…")`, `find(By.ID, "password").send_keys("…")`: what a test types into a form."""

    # https://playwright.dev/docs/input, https://www.selenium.dev/documentation, https://docs.cypress.io, Capybara
    pattern = (
        r"(?i:pass(?:word|wd|phrase)?|pwd|token|secret)[A-Za-z0-9_-]{0,16}[\"'\])]{1,4}(?:\.first|\.last|\.clear\(\))?"
        r"\.(?:send_?[kK]eys|type|fill|setValue|set_value|set|input)\(\s{0,4}"
        + _QUOTED
        + r"|\b(?:fill|type|fill_in|setValue)\(\s{0,4}"
        r"[\"'][^\"'\n]{0,60}(?i:pass(?:word|wd|phrase)?|pwd)[^\"'\n]{0,24}[\"'],\s{0,4}(?:with:\s)?" + _QUOTED
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        mixed = classes(value) > 1 and b" " not in value
        return super().accepts(place) and (mixed or is_one_word(value))


RULES = (UserAndPassword(), PasswordAlone(), Parameter(), NamedArgument(), Guessed(), Typed())
