"""The currencies that savings groups count, with the notes and coins of daily use.

``digits`` follows ISO 4217, but is 0 where cash has known no hundredths for a generation (the
shilling of Tanzania, rupiah, kip ...): a charge must be payable with what lies on the table.
``denominations`` hold what people really lay there, largest first: pieces that exist in law but not
in a market are left out. See docs/rules.md#currencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from vsla_desktop.errors import RuleBroken

BOOKED_DIGITS = 2
"""Every amount is kept with two decimals, whatever the currency."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its ISO code, its decimals, and its notes and coins, largest first."""

    code: str
    digits: int
    denominations: tuple[Decimal, ...]

    @property
    def booked_digits(self) -> int:
        """The decimals that an amount of this currency can have in the books: 0 or 2."""
        return min(self.digits, BOOKED_DIGITS)

    @property
    def step(self) -> Decimal:
        """The smallest difference between two amounts in the books: 1 or 0.01."""
        return Decimal(1).scaleb(-self.booked_digits)

    @property
    def smallest_piece(self) -> Decimal:
        """The smallest note or coin in daily use."""
        return self.denominations[-1]


# code, digits, notes and coins
_TABLE: tuple[tuple[str, int, str], ...] = (
    ("AFN", 2, "1000 500 100 50 20 10 5 2 1"),
    ("BDT", 2, "1000 500 200 100 50 20 10 5 2 1"),
    ("BIF", 0, "10000 5000 2000 1000 500 100 50 10"),
    ("BOB", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("BRL", 2, "200 100 50 20 10 5 2 1 0.5 0.25 0.1 0.05"),
    ("BWP", 2, "200 100 50 20 10 5 2 1 0.5 0.25 0.1"),
    ("CDF", 0, "20000 10000 5000 1000 500 200 100 50"),
    ("COP", 0, "100000 50000 20000 10000 5000 2000 1000 500 200 100 50"),
    ("DOP", 2, "2000 1000 500 200 100 50 25 10 5 1"),
    ("EGP", 2, "200 100 50 20 10 5 1 0.5 0.25"),
    ("ETB", 2, "200 100 50 10 5 1 0.5 0.25 0.1"),
    ("EUR", 2, "100 50 20 10 5 2 1 0.5 0.2 0.1 0.05 0.02 0.01"),
    ("GBP", 2, "50 20 10 5 2 1 0.5 0.2 0.1 0.05 0.02 0.01"),
    ("GHS", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("GMD", 2, "200 100 50 20 10 5 1 0.5 0.25"),
    ("GNF", 0, "20000 10000 5000 2000 1000 500"),
    ("GTQ", 2, "200 100 50 20 10 5 1 0.5 0.25 0.1 0.05"),
    ("HNL", 2, "500 200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("HTG", 2, "1000 500 250 100 50 25 10 5 1"),
    ("IDR", 0, "100000 50000 20000 10000 5000 2000 1000 500 200 100"),
    ("INR", 2, "500 200 100 50 20 10 5 2 1"),
    ("IQD", 3, "50000 25000 10000 5000 1000 500 250"),
    ("JOD", 3, "50 20 10 5 1 0.5 0.25 0.1 0.05"),
    ("KES", 2, "1000 500 200 100 50 20 10 5 1"),
    ("KHR", 0, "100000 50000 20000 10000 5000 2000 1000 500 200 100"),
    ("KMF", 0, "10000 5000 2000 1000 500 250 100 50 25"),
    ("LAK", 0, "100000 50000 20000 10000 5000 2000 1000 500"),
    ("LKR", 2, "5000 1000 500 100 50 20 10 5 2 1"),
    ("LRD", 2, "1000 500 100 50 20 10 5"),
    ("LSL", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("MAD", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("MGA", 0, "20000 10000 5000 2000 1000 500 200 100"),
    ("MMK", 0, "10000 5000 1000 500 200 100 50"),
    ("MRU", 2, "1000 500 200 100 50 20 10 5 1"),
    ("MWK", 2, "5000 2000 1000 500 200 100 50 20 10 5 1"),
    ("MXN", 2, "1000 500 200 100 50 20 10 5 2 1 0.5"),
    ("MZN", 2, "1000 500 200 100 50 20 10 5 2 1 0.5"),
    ("NAD", 2, "200 100 50 30 20 10 5 1 0.5 0.1 0.05"),
    ("NGN", 2, "1000 500 200 100 50 20 10 5"),
    ("NIO", 2, "1000 500 200 100 50 20 10 5 1 0.5 0.25"),
    ("NPR", 2, "1000 500 100 50 20 10 5 2 1"),
    ("PEN", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("PGK", 2, "100 50 20 10 5 2 1 0.5 0.2 0.1 0.05"),
    ("PHP", 2, "1000 500 200 100 50 20 10 5 1 0.25"),
    ("PKR", 0, "5000 1000 500 100 75 50 20 10 5 2 1"),
    ("PYG", 0, "100000 50000 20000 10000 5000 2000 1000 500 100 50"),
    ("RWF", 0, "5000 2000 1000 500 100 50 20 10 5"),
    ("SDG", 2, "1000 500 200 100 50 20 10 5 2 1"),
    ("SLE", 2, "20 10 5 2 1 0.5 0.25 0.1 0.05"),
    ("SOS", 2, "1000"),
    ("SSP", 2, "1000 500 100 50 20 10 5"),
    ("SZL", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("TND", 3, "50 20 10 5 2 1 0.5 0.2 0.1 0.05"),
    ("TZS", 0, "10000 5000 2000 1000 500 200 100 50"),
    ("UGX", 0, "50000 20000 10000 5000 2000 1000 500 200 100 50"),
    ("USD", 2, "100 50 20 10 5 2 1 0.5 0.25 0.1 0.05 0.01"),
    ("VND", 0, "500000 200000 100000 50000 20000 10000 5000 2000 1000 500"),
    ("XAF", 0, "10000 5000 2000 1000 500 100 50 25 10 5"),
    ("XOF", 0, "10000 5000 2000 1000 500 250 200 100 50 25 10 5"),
    ("YER", 2, "1000 500 250 200 100 50 20 10 5"),
    ("ZAR", 2, "200 100 50 20 10 5 2 1 0.5 0.2 0.1"),
    ("ZMW", 2, "500 200 100 50 20 10 5 2 1 0.5 0.1 0.05"),
    ("ZWG", 2, "200 100 50 20 10 5 2 1 0.5 0.25 0.1"),
)

CURRENCIES: dict[str, Currency] = {
    code: Currency(code, digits, tuple(Decimal(piece) for piece in pieces.split()))
    for code, digits, pieces in _TABLE
}
"""Every currency the program knows, by ISO code."""

# currency, then its countries as "ISO code:English name"
_COUNTRIES: dict[str, str] = {
    "AFN": "AF:Afghanistan",
    "BDT": "BD:Bangladesh",
    "BIF": "BI:Burundi",
    "BOB": "BO:Bolivia",
    "BRL": "BR:Brazil",
    "BWP": "BW:Botswana",
    "CDF": "CD:Democratic Republic of the Congo|CD:DR Congo|CD:DRC",
    "COP": "CO:Colombia",
    "DOP": "DO:Dominican Republic",
    "EGP": "EG:Egypt",
    "ETB": "ET:Ethiopia",
    "EUR": "FR:France|DE:Germany|ES:Spain|IT:Italy|PT:Portugal|IE:Ireland|BE:Belgium",
    "GBP": "GB:United Kingdom",
    "GHS": "GH:Ghana",
    "GMD": "GM:Gambia|GM:The Gambia",
    "GNF": "GN:Guinea",
    "GTQ": "GT:Guatemala",
    "HNL": "HN:Honduras",
    "HTG": "HT:Haiti",
    "IDR": "ID:Indonesia",
    "INR": "IN:India",
    "IQD": "IQ:Iraq",
    "JOD": "JO:Jordan",
    "KES": "KE:Kenya",
    "KHR": "KH:Cambodia",
    "KMF": "KM:Comoros",
    "LAK": "LA:Laos|LA:Lao PDR",
    "LKR": "LK:Sri Lanka",
    "LRD": "LR:Liberia",
    "LSL": "LS:Lesotho",
    "MAD": "MA:Morocco",
    "MGA": "MG:Madagascar",
    "MMK": "MM:Myanmar",
    "MRU": "MR:Mauritania",
    "MWK": "MW:Malawi",
    "MXN": "MX:Mexico",
    "MZN": "MZ:Mozambique",
    "NAD": "NA:Namibia",
    "NGN": "NG:Nigeria",
    "NIO": "NI:Nicaragua",
    "NPR": "NP:Nepal",
    "PEN": "PE:Peru",
    "PGK": "PG:Papua New Guinea",
    "PHP": "PH:Philippines",
    "PKR": "PK:Pakistan",
    "PYG": "PY:Paraguay",
    "RWF": "RW:Rwanda",
    "SDG": "SD:Sudan",
    "SLE": "SL:Sierra Leone",
    "SOS": "SO:Somalia",
    "SSP": "SS:South Sudan",
    "SZL": "SZ:Eswatini|SZ:Swaziland",
    "TND": "TN:Tunisia",
    "TZS": "TZ:Tanzania|TZ:United Republic of Tanzania",
    "UGX": "UG:Uganda",
    "USD": "EC:Ecuador|SV:El Salvador|TL:Timor-Leste|US:United States",
    "VND": "VN:Vietnam|VN:Viet Nam",
    "XAF": "CM:Cameroon|CF:Central African Republic|TD:Chad|CG:Congo|CG:Republic of the Congo"
    "|GA:Gabon|GQ:Equatorial Guinea",
    "XOF": "BJ:Benin|BF:Burkina Faso|CI:Côte d'Ivoire|CI:Ivory Coast|GW:Guinea-Bissau|ML:Mali"
    "|NE:Niger|SN:Senegal|TG:Togo",
    "YER": "YE:Yemen",
    "ZAR": "ZA:South Africa",
    "ZMW": "ZM:Zambia",
    "ZWG": "ZW:Zimbabwe",
}

_BY_COUNTRY: dict[str, str] = {
    key.casefold(): code
    for code, countries in _COUNTRIES.items()
    for country in countries.split("|")
    for key in country.split(":")
}


def currency(code: str) -> Currency:
    """Return the currency of an ISO code, in any case; raise :class:`RuleBroken` if unknown."""
    found = CURRENCIES.get(code.strip().upper())
    if found is None:
        raise RuleBroken(
            "We do not know the currency {code}.",
            hint="Use its three-letter code, such as UGX or XOF.",
            field="currency",
            code=code.strip()[:20],
        )
    return found


def currency_of_country(country: str) -> Currency | None:
    """Return the usual currency of a country, by English name or two-letter code, or nothing.

    It only proposes: a group may count another currency than its country's.
    """
    code = _BY_COUNTRY.get(" ".join(country.replace("\u2019", "'").split()).casefold())
    return None if code is None else CURRENCIES[code]
