"""Passwords in connection strings: of ODBC, ADO.NET, JDBC, libpq and ORM settings, whatever the password looks like."""

import re
from typing import override

from recorder.redact.guards import is_filler, is_reference, is_template
from recorder.redact.rules.base import Place, Rule
from recorder.redact.spans import Rank

_PLACEHOLDERS = re.compile(rb"(?i)\A(?:pass(?:word)?|pwd|pw|secret|string|none|null|true|false)\Z|\A[%$#{<\[@]|\*{3}")


class Connection(Rule):
    """Base: whoever writes a connection string writes a password into it."""

    kind = "connection-password"
    rank = Rank.CONTEXT

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        spoken = _PLACEHOLDERS.search(value) or is_reference(value) or is_filler(value) or is_template(value)
        return len(value) >= 4 and not spoken


class OdbcPassword(Connection):
    """`Server=db;User ID=sa;Password=…;`, `Driver={…};Uid=…;Pwd=…`."""

    # https://learn.microsoft.com/dotnet/api/system.data.sqlclient.sqlconnection.connectionstring,
    # https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function
    pattern = (
        r"(?i)\b(?:server|data source|host|hostname|addr|uid|user(?: ?id|name)?|driver|database|initial catalog"
        r"|dbname|port) ?= ?[^;\n\"'`]{0,120};(?:[^;=\n\"'`]{1,32}=[^;\n\"'`]{0,120};){0,8}?\s?(?:password|pwd) ?= ?"
        r"(?:\\?\"([^\"\n\\]{4,128})\\?\"|'([^'\n]{4,128})'|\{([^}\n]{4,128})\}|([^;\s\"'`{][^;\s\"'`]{3,127}))"
        # The password may stand first.
        r"|(?i)[\"'](?:password|pwd)=([^;\s\"'`{$][^;\s\"'`]{3,127});\s?"
        r"(?:server|data source|host|uid|user(?: ?id|name)?|database)="
    )


class LibpqPassword(Connection):
    """`host=db port=5432 user=app password=…`."""

    # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
    pattern = (
        r"\b(?:host|hostaddr|port|user|dbname|sslmode)=[^\s=\"'`,()]{1,64}\s(?:[a-z_]{2,24}=[^\s=\"'`,()]{1,64}\s){0,8}?"
        r"password=([^\s\"'`]{4,128})"
    )


class JdbcPassword(Connection):
    """`jdbc:mysql://db/app?user=ada&password=…`, `jdbc:oracle:thin:ada/…@db`."""

    # https://jdbc.postgresql.org/documentation/use, https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc
    pattern = (
        r"\bjdbc:[a-z0-9:]{2,40}[^\s\"'`<>]{0,200}?[?&;](?i:[a-z]{0,12}(?:password|pass|pwd))=([^\s\"'`<>&;]{4,128})"
        r"|\bjdbc:oracle:[a-z0-9]{2,8}:[^\s/\"'`@]{1,64}/([^\s\"'`@]{4,128})@"
    )


class GoDataSource(Connection):
    """`ada:…@tcp(db.example.org:3306)/shop`."""

    # https://github.com/go-sql-driver/mysql#dsn-data-source-name
    pattern = r"[A-Za-z0-9_.%-]{1,64}:([^\s\"'`/]{4,128}?)@(?:tcp6?|unix|udp|cloudsql|mysql)\("
    prefilter = (r"@(?:tcp6?|unix|udp|cloudsql|mysql)\(",)


class PgpassLine(Connection):
    """`db.example.org:5432:app:ada:…`, a line of a `.pgpass` file."""

    # https://www.postgresql.org/docs/current/libpq-pgpass.html: hostname:port:database:username:password
    pattern = (
        # A JSON string's quote begins a line as well.
        r"(?:(?m:^)|\")[A-Za-z0-9.*_-]{1,100}:(?:[0-9]{4,5}|\*):(?:\*|[A-Za-z][A-Za-z0-9_-]{0,62}):(?:\*|[A-Za-z][A-Za-z0-9_.-]{0,62})"
        r":([^\s:\"'`]{4,128})(?:[\r\n\"]|$)"
    )


RULES = (OdbcPassword(), LibpqPassword(), JdbcPassword(), GoDataSource(), PgpassLine())
