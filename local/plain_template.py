"""`python -m local.plain_template`: what SAM makes of the template, as JSON, for other tools."""

from __future__ import annotations

import json
import sys

from local import template
from local.settings import TEMPLATE


def main() -> None:
    """Write plain CloudFormation; the code stands where a deployment would put it."""
    source = template.load(TEMPLATE)
    plain = template.package(source, TEMPLATE.parent, lambda key, _: {"Bucket": "b", "Key": key})
    json.dump(template.translate(plain, {}), sys.stdout, default=str)


if __name__ == "__main__":
    main()
