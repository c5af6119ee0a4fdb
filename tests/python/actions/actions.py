"""Actions of a currency exchange, as anybody writes them for rasa_sdk."""

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

RATE = 18.5
CLERK = "Ines"


class Convert(Action):
    def name(self) -> Text:
        return "action_convert"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        amount = tracker.get_slot("amount")
        dispatcher.utter_message(response="utter_rate", rate=RATE)
        words = tracker.latest_message.get("text")
        dispatcher.utter_message(text=f"You said {words!r} as {tracker.sender_id}; there are {len(domain['responses'])} responses.")
        return [SlotSet("converted", amount * RATE)]


class Clerk(Action):
    def name(self) -> Text:
        return "action_clerk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        return [SlotSet("clerk", CLERK)]


class Wreck(Action):
    def name(self) -> Text:
        return "action_wreck"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        raise ValueError("nobody had thought of this")


class Misspelt(Action):
    def name(self) -> Text:
        return "action_misspelt"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        return [SlotSet("clerck", CLERK)]
