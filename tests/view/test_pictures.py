from xml.etree import ElementTree as ET

import pytest

from scripts.pictures import draw, views
from scripts.sample import HOSTILE


@pytest.fixture
def pictures(sample_path):
    return {name: draw(name, title, view) for name, (title, view) in views(sample_path).items()}


def test_pictures_are_whole_and_call_nobody(pictures):
    assert set(pictures) == {"interactions", "sessions", "show", "tree", "usage", "why-miss"}
    for picture in pictures.values():
        ET.fromstring(picture)
        assert "url(http" not in picture
        assert "@font-face" not in picture
        assert "@import" not in picture


def test_the_same_record_gives_the_same_picture(pictures, sample_path):
    assert {name: draw(name, title, view) for name, (title, view) in views(sample_path).items()} == pictures


def test_no_control_characters(pictures):
    assert not any(set(picture) & set(HOSTILE) & set("\x1b\x07\x9b\u202e") for picture in pictures.values())
