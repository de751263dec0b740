"""What a choice comes to while some of it is under a hold."""

from sqlite_utils import Database

from recorder.store.choice import Choice, Chosen, choose
from recorder.store.database import reading
from recorder.store.erasing import Plan, plan
from recorder.store.keeping import list_holds
from recorder.store.mentions import Mentions


class Choosing:
    """Looks texts up before the transaction, which takes long, and once more in it at what came in between."""

    def __init__(self, db: Database, choice: Choice) -> None:
        """Raises ConfigError when a pattern is none."""
        self._db = db
        self._choice = choice
        self._mentions = {choice: Mentions(choice.texts, choice.patterns)}

    def look(self) -> None:
        """Look at all content that texts and patterns have to be looked for in."""
        with reading():
            for choice in (self._choice, *(hold.choice for hold in list_holds(self._db))):
                self._choose(choice)

    def plan(self) -> Plan:
        """Say what goes, and what is held."""
        holds = [(hold.id, self._choose(hold.choice)) for hold in list_holds(self._db)]
        return plan(self._db, self._choose(self._choice), holds)

    def _choose(self, choice: Choice) -> Chosen:
        if choice not in self._mentions:
            self._mentions[choice] = Mentions(choice.texts, choice.patterns)
        return choose(self._db, choice, self._mentions[choice])
