import pytest

from recorder.redact.rules.aws_pair import AwsPairDetector

SECRET = "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYzLm4Q9tBaZ"
ID = "AK" + "IAQYLPMN5HHHFPZAM2"


@pytest.mark.parametrize("between", [" ", ",", "\n", "\n   12→", " : ", '", "user": "ada", "id": "'])
def test_flags_a_secret_key_in_front_of_its_id(between: str) -> None:
    found = AwsPairDetector().find(f"see {SECRET}{between}{ID}".encode())
    assert [(span.kind, span.value) for span in found] == [("aws-secret-key", SECRET.encode())]


@pytest.mark.parametrize(
    "payload",
    [
        f"{SECRET} and no id",
        f"2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69 {ID}",
        f"{SECRET}Q {ID}",
        f"{'/'.join(['path'] * 8)}/a {ID}",
        f"{SECRET}{'.' * 300}{ID}",
    ],
)
def test_leaves_near_misses(payload: str) -> None:
    assert AwsPairDetector().find(payload.encode()) == []
