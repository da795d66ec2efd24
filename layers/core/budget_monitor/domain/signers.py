"""The signers of requests: what rows keep of them, and which of them own a tenant."""

import re

from budget_monitor.domain.names import one_spelling
from budget_monitor.domain.values import dataclass

MAX_OWNERS = 10
KINDS = ("arn:", "jwt:")
"""What a principal begins with: an ARN of IAM or STS, or the subject of a token."""
_SESSION = re.compile(r"(arn:[^:]*):sts:(:[0-9]*):assumed-role/([^/]+)/.*")
_ROLE_WITH_PATH = re.compile(r"(arn:[^:]*:iam::[^:]*:role)/(?:.*/)?([^/]+)")


def signed(principal: str | None) -> dict[str, str]:
    """The field of the signer, beside `by`; empty if the request was not signed."""
    return {"principal": principal} if principal else {}


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of a tenant.

    - Principals are judged by the signer of a request alone, never by a name that it gives.
    - A contact that is no principal is a name. It counts only while there are no principals, and
      then also where a request says it in `by`: nothing but a name can be compared with it.
    """

    contact: str | None = None
    principals: tuple[str, ...] = ()

    def include(self, by: str, signer: str | None) -> bool:
        """Return True if a request that says `by`, with this signer, is an owner's."""
        contact = (self.contact,) if self.contact else ()
        known = (*self.principals, *(one for one in contact if is_principal(one)))
        if known:
            return signer is not None and any(_is_of(one, signer) for one in known)
        said = {_folded(one) for one in (by, signer) if one}
        return any(_folded(one) in said for one in contact)


NOBODY = Owners()


def is_principal(text: str) -> bool:
    """Return True for an ARN, or the subject of a token with `jwt:` before it."""
    return text.startswith(KINDS)


def _is_of(pattern: str, signer: str) -> bool:
    """Return True if the signer is the principal, or a session of its role.

    A star in an ARN stands for any text. STS leaves the path of a role out, so it is not compared.
    """
    wanted, found = _folded(pattern), _folded(signer)
    if not wanted.startswith("arn:"):
        return wanted == found
    plain = _ROLE_WITH_PATH.sub(r"\1/\2", wanted)
    likes = re.compile(".*".join(map(re.escape, plain.split("*"))))
    return bool(likes.fullmatch(found) or likes.fullmatch(_role_of(found)))


def _role_of(signer: str) -> str:
    """The ARN of the role whose session signed, without the role's path."""
    return _SESSION.sub(r"\1:iam:\2:role/\3", signer)


def _folded(text: str) -> str:
    return one_spelling(text).casefold()
