from recorder.model import State
from recorder.store.errors_seen import errors_seen


def failed(make, name, status, error_type=None, message=None):
    return make.closed(name, State.FAILED, status=status, error_type=error_type, error_message=message, model=None)


def test_groups_the_most_frequent_first(store, reader, make):
    store.write(
        [
            *(make.opened(name) for name in ("a", "b", "c", "d")),
            failed(make, "a", 529, "overloaded_error", "Overloaded"),
            failed(make, "b", 529, "overloaded_error", "Overloaded again"),
            failed(make, "c", 400, "invalid_request_error"),
            make.closed("d"),
            make.opened("open"),
        ]
    )
    often, once = errors_seen(reader)
    assert (often.status, often.error_type, often.interactions, often.sessions) == (529, "overloaded_error", 2, 1)
    assert (often.last_id, often.last_message) == ("b", "Overloaded again")
    assert often.first_utc < often.last_utc
    assert (once.status, once.last_id, once.last_message) == (400, "c", None)
    assert len(errors_seen(reader, limit=1)) == 1
    assert errors_seen(reader, project="none") == []
    assert errors_seen(reader, model="another") == []
    assert len(errors_seen(reader, model="claude-opus-4-6")) == 2


def test_an_erased_message_is_not_known(store, reader, make, erase):
    store.write([make.opened("a"), failed(make, "a", 500, "api_error", "secretive")])
    erase("error")
    assert errors_seen(reader)[0].last_message is None
