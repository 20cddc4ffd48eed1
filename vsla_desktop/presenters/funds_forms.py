"""What can be done in each part of the page of funds."""

from __future__ import annotations

from vsla_desktop.presenters.funds_form import FundForm
from vsla_desktop.presenters.funds_group_forms import (
    AddPropertyForm,
    BorrowForm,
    DepositForm,
    ExpenseForm,
    IncomeForm,
    RemoveForm,
    RepayForm,
    RevalueForm,
    StatementForm,
    WithdrawForm,
)
from vsla_desktop.presenters.funds_member_forms import (
    AdvanceForm,
    ChargeFineForm,
    ContributeForm,
    GrantForm,
    LetOffForm,
    PayFineForm,
    RepayAdvanceForm,
    TariffForm,
    WaiveForm,
)
from vsla_desktop.presenters.funds_table import Tab

FORMS: dict[Tab, tuple[type[FundForm], ...]] = {
    Tab.FINES: (WaiveForm, PayFineForm, ChargeFineForm),
    Tab.SOCIAL: (GrantForm, AdvanceForm, RepayAdvanceForm, LetOffForm, ContributeForm, TariffForm),
    Tab.MONEY: (ExpenseForm, IncomeForm),
    Tab.BANK: (DepositForm, WithdrawForm, StatementForm),
    Tab.DEBTS: (BorrowForm, RepayForm),
    Tab.PROPERTY: (AddPropertyForm, RevalueForm, RemoveForm),
}
"""What can be done in each part; the first is offered at first."""
