"""What members of practice groups do, and what their money is for."""

from __future__ import annotations

OCCUPATIONS = (
    "Farmer",
    "Farmer",
    "Farmer",
    "Trader",
    "Tailor",
    "Teacher",
    "Hairdresser",
    "Keeps goats",
    "Sells fish",
    "Brews and bakes",
)
EXPENSES = (
    "Stationery",
    "Transport to the bank",
    "A new padlock",
    "Tea for the training",
    "A stamp pad",
)
GRANTS = ("Burial", "Illness", "Childbirth", "House burnt", "School fees in need")
EXPENSE_KINDS = {
    "Stationery": "STATIONERY",
    "Transport to the bank": "TRANSPORT",
    "Tea for the training": "REFRESHMENTS",
    "A stamp pad": "STATIONERY",
}
GRANT_EVENTS = {
    "Burial": "DEATH",
    "Illness": "ILLNESS",
    "Childbirth": "BIRTH",
    "House burnt": "FIRE",
    "School fees in need": "SCHOOL",
}
LOSSES = ("The harvest was lost", "Moved away without an address", "Ill for a long time")
PURPOSES = (
    "Seeds and fertiliser",
    "Goats",
    "A sewing machine",
    "Stock for the shop",
    "School fees",
    "Hens",
    "Repair of the roof",
    "Fish to sell",
    "A bicycle",
    "Second-hand clothes to sell",
)
DIFFERENCES = ("A note was counted twice", "Change was given wrongly", "A coin was lost")
EXCUSES = ("Ill", "At a funeral", "At the market", "With a sick child")
MEDICINE = "Medicine"
BANK_INTEREST = "Interest of the bank"
