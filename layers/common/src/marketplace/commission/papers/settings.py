"""What the template tells the functions that issue papers and prove the books."""

import os
from collections.abc import Mapping
from functools import cache
from typing import final

from msgspec import Struct

from marketplace.commission.papers.model import Issuer


@final
class PaperSettings(Struct, frozen=True, kw_only=True):
    """Where papers are kept, and in whose name they are issued."""

    bucket: str
    issuer: Issuer


@cache
def paper_settings() -> PaperSettings:
    """Return the settings of this execution environment."""
    return read_paper_settings(os.environ)


def read_paper_settings(environment: Mapping[str, str]) -> PaperSettings:
    """Read the settings from environment variables."""
    tax = environment.get("TAX_BPS", "0").strip()
    return PaperSettings(
        bucket=environment.get("PAPERS_BUCKET", "").strip(),
        issuer=Issuer(
            name=environment.get("ISSUER_NAME", "").strip() or "Marketplace",
            address=environment.get("ISSUER_ADDRESS", "").strip(),
            tax_bps=int(tax) if tax.isdecimal() else 0,
        ),
    )
