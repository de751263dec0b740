import os
import signal

import pytest

from recorder.cli.ending import ending_politely


def be_signalled(number, cleaned):
    try:
        os.kill(os.getpid(), number)
    finally:
        cleaned.append(True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_as_an_exit_that_cleans_up(number):
    before = signal.getsignal(number)
    cleaned = []
    with pytest.raises(SystemExit) as caught, ending_politely():
        be_signalled(number, cleaned)
    assert (caught.value.code, cleaned) == (128 + number, [True])
    assert signal.getsignal(number) is before
