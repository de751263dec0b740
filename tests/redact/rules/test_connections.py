import pytest

from recorder.redact.rules import connections
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("connections", connections.RULES)

FLAGGED = [
    ("x\ndb.example.org:5432:app:ada:velvetcoral\ny", "velvetcoral"),
    ("ada:velvet@coral@tcp(db:3306)/app?parseTime=true", "velvet@coral"),
    ("Server=db,1433;Initial Catalog=app;User ID=ada;Password=velvetcoral;", "velvetcoral"),
    ("Driver={ODBC Driver 18 for SQL Server};Server=db;Uid=ada;Pwd=coral-7;Encrypt=yes", "coral-7"),
    ("Data Source=db;User Id=ada;Password=velvetcoral", "velvetcoral"),
    ("Server = db; User ID = ada; Password = velvetcoral", "velvetcoral"),
    ("Server=db;Uid=ada;Pwd='velvet;coral';Encrypt=yes", "velvet;coral"),
    ("Driver={MySQL};Uid=ada;Pwd={velvet;coral};", "velvet;coral"),
    ('"Password=velvetcoral;Server=db"', "velvetcoral"),
    ("host=db port=5432 user=ada password=velvetcoral dbname=app", "velvetcoral"),
    ("jdbc:mysql://db:3306/app?user=ada&password=velvetcoral", "velvetcoral"),
    ("jdbc:sqlserver://db:1433;databaseName=app;user=ada;password=velvetcoral;encrypt=true", "velvetcoral"),
    ("jdbc:oracle:thin:ada/velvetcoral@db:1521:app", "velvetcoral"),
]
NEAR_MISSES = [
    "main.c:120:12:error:undeclared",
    "registry.example.org:5000:latest",
    "Server=db;User ID=ada;Password=${DB_PASSWORD};",
    "Server=db;User ID=ada;Password={password};",
    "Server=db;Integrated Security=true;Encrypt=yes",
    '"Password=" + secret + ";Server=db"',
    "Server = db; User ID = ada; Password = {0}",
    "host=db user=ada password=%s dbname=app",
    "host=db user=ada password=****** dbname=app",
    "jdbc:postgresql://db/app?user=ada",
    "jdbc:oracle:thin:@db:1521:app",
    "connect(host=db, password=password)",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_password(payload: str, secret: str) -> None:
    assert [span.value for span in RULES.find(payload.encode())] == [secret.encode()]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
