import hashlib
from functools import reduce
from itertools import accumulate

import pytest

from recorder.model import SafeBytes, Slot
from recorder.store import chains
from recorder.store.chains import ROOT, Node, NodeCache, node_digest
from recorder.store.database import open_writer
from recorder.store.records import records
from recorder.store.rows import EMPTY_LIST, Link, MissingParts, list_key
from recorder.store.writer import Writer


def opened_bodies(db):
    return [record.body for record in records(db) if record.kind == "opened"]


def nodes(db):
    return [(row["parent"], row["position"]) for row in db["chains"].rows]


def heads(db):
    return [row["messages_chain"] for row in db["interactions"].rows]


def test_node_digest():
    parent, part = bytes(range(32)), bytes(32)
    assert node_digest(parent, part, None) == hashlib.sha256(parent + part + b"\x00").digest()
    assert node_digest(parent, part, b" ,") == hashlib.sha256(parent + part + b"\x01 ,").digest()
    assert node_digest(parent, part, b"") != node_digest(parent, part, None)
    assert Node(0, bytes(32), EMPTY_LIST, 0) == ROOT


def test_lists_share_their_beginnings(store, db, make):
    store.write([make.opened("a", ["1", "2"]), make.opened("b", ["1", "2", "3"]), make.opened("c", ["1", "x"])])
    assert nodes(db) == [(None, 0), (1, 1), (2, 2), (1, 1)]
    assert heads(db) == [2, 3, 4]


def test_the_same_list_is_the_same_node(store, db, make):
    store.write([make.opened("a", ["1", "2"])])
    store.write([make.opened("b", ["1", "2"]), make.opened("c", ["1"]), make.opened("d")])
    assert heads(db) == [2, 2, 1, None]


def test_a_lead_makes_another_node(store, db, make):
    part = make.part("message", "1", "user")
    leads = [None, SafeBytes(b""), SafeBytes(b" "), None]
    for number, lead in enumerate(leads):
        store.write([make.opened(str(number), chains={Slot.MESSAGES: (Link(part, lead),)})])
    assert heads(db) == [1, 2, 3, 1]
    assert [row["lead"] for row in db["chains"].rows] == [None, b"", b" "]


def test_digests_are_those_of_the_whole_list(store, db, make):
    store.write([make.opened("a", ["1", "2"])])
    commitments = [row["commitment"] for row in db["parts"].rows]
    first = node_digest(bytes(32), commitments[0], None)
    assert [row["digest"] for row in db["chains"].rows] == [first, node_digest(first, commitments[1], None)]


def test_another_writer_goes_on_where_the_first_stopped(store, db, path, make):
    store.write([make.opened("a", ["1", "2", "3"])])
    with open_writer(path) as other:
        Writer(other).write([make.opened("b", ["1", "2", "3", "4"])])
    # The first has not seen "4", and finds it all the same.
    store.write([make.opened("c", ["1", "2", "3", "4", "5"])])
    assert nodes(db) == [(None, 0), (1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_long_list_is_found_in_pieces(store, db, path, make):
    messages = [str(number) for number in range(1201)]
    store.write([make.opened("a", messages)])
    with open_writer(path) as other:
        Writer(other).write([make.opened("b", [*messages, "more"])])
    assert db["chains"].count == 1202
    assert heads(db) == [1201, 1202]


def test_nodes_that_memory_lost_are_found_again(db, make, monkeypatch):
    monkeypatch.setattr(chains, "_MOST_NODES", 3)
    store = Writer(db)
    for turn in range(1, 8):
        store.write([make.opened(str(turn), [str(number) for number in range(turn)])])
    assert heads(db) == list(range(1, 8))


def test_a_list_goes_on_from_the_key_of_one_that_was_stored(store, db, make):
    links = make.links(Slot.MESSAGES, ["1", "2", "3", "4"])
    keys = list(accumulate(links, list_key, initial=EMPTY_LIST))
    store.write([make.opened("a", chains={Slot.MESSAGES: links[:2]})])
    for name, links_after in (("b", links[2:3]), ("c", ()), ("d", links[2:])):
        store.write([make.opened(name, chains={Slot.MESSAGES: links_after}, starts={Slot.MESSAGES: keys[2]})])
    store.write([make.opened("e", chains={Slot.MESSAGES: links})])
    assert nodes(db) == [(None, 0), (1, 1), (2, 2), (3, 3)]
    assert heads(db) == [2, 3, 2, 4, 4]
    assert [body["chains"]["messages"]["length"] for body in opened_bodies(db)] == [2, 3, 2, 4, 4]


def test_a_list_that_goes_on_from_one_that_memory_does_not_know_is_asked_for_whole(store, db, make):
    (link,) = make.links(Slot.MESSAGES, ["1"])
    key = list_key(EMPTY_LIST, link)
    with pytest.raises(MissingParts) as asked:
        store.write([make.opened("a", chains={Slot.MESSAGES: (link,)}, starts={Slot.MESSAGES: key})])
    assert asked.value.digests == {key}
    assert heads(db) == []


def test_keys_tell_lists_apart(make):
    one, other = make.links(Slot.MESSAGES, ["1", "2"])
    lists = [
        [one],
        [other],
        [one, other],
        [other, one],
        [Link(one.part, SafeBytes(b""))],
        [Link(one.part, SafeBytes(b" "))],
    ]
    keys = {reduce(list_key, links, EMPTY_LIST) for links in lists}
    assert len(keys) == len(lists)


def test_the_cache_drops_what_was_used_longest_ago(monkeypatch):
    monkeypatch.setattr(chains, "_MOST_NODES", 2)
    cache = NodeCache()
    keys = [bytes([number]) for number in range(3)]
    cache.update({keys[0]: ROOT, keys[1]: ROOT})
    assert cache.get(keys[0])
    cache.update({keys[2]: ROOT})
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
