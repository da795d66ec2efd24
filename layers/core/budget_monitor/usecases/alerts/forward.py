"""Forward one alert to all webhooks; a receiver that fails is tried again alone."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget_monitor.domain.alerts.webhooks import Webhook
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.ports import Clock
from budget_monitor.ports.webhooks import LaterQueue, Post, Webhooks

RETRY_SECONDS = 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The use case of `forward`."""

    webhooks: Webhooks
    post: Post
    later: LaterQueue
    clock: Clock

    def forward(self, message: Mapping[str, Any]) -> bool:
        """Send the alert of a message; False if it must be delivered again.

        The alert goes to every receiver, or to the one that a retry names. If some of several
        fail, each is queued alone, so that the others get no repeat. The queue counts the
        deliveries of a message and moves it to the queue of failures after the last.
        """
        named, alert = message.get("webhook"), message.get("alert", message)
        every = self.webhooks.all()
        receivers = [one for one in every if named in {None, one.name}]
        failed = [one for one in receivers if not self._sent(one, alert)]
        if not failed:
            return True
        if len(receivers) == 1:
            return False
        return self._queued(failed, alert)

    def _sent(self, receiver: Webhook, alert: Mapping[str, Any]) -> bool:
        headers, body = receiver.request(alert, self.clock.now())
        try:
            self.post.send(receiver.url, headers, body)
        except UnavailableError as fault:
            logger.warning("webhook %s: %s", receiver.name, fault.message)
            return False
        return True

    def _queued(self, failed: Sequence[Webhook], alert: Mapping[str, Any]) -> bool:
        try:
            for one in failed:
                text = json.dumps({"webhook": one.name, "alert": dict(alert)})
                self.later.put(text, RETRY_SECONDS)
        except UnavailableError:
            logger.exception("an alert could not be queued; all webhooks will get it again")
            return False
        return True
