"""Print the template as plain CloudFormation, in JSON: `python -m local.stack.plain_template`."""

from __future__ import annotations

import json
import sys

from local.settings import TEMPLATE
from local.stack import template


def main() -> None:
    """Write plain CloudFormation; the code stands where a deployment would put it."""
    source = template.load(TEMPLATE)
    plain = template.package(source, TEMPLATE.parent, lambda key, _: {"Bucket": "b", "Key": key})
    json.dump(template.translate(plain, {}), sys.stdout, default=str)


if __name__ == "__main__":
    main()
