"""Laptops at head office: how each stands, letting one in, renewing it, shutting it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from vsla_desktop.domain.office import Duty
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader, any_text
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.office_table import Action, Fact, OfficeForm, OfficeTable, Told
from vsla_desktop.presenters.office_words import codes, instant
from vsla_desktop.presenters.runner import Lane
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import Address, Enrolment, LaptopState

_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"


class LaptopsPresenter(OfficeTable["LaptopState"]):
    """Every laptop that may send: when it was last seen, what it sent and what waits for it."""

    icon = "laptop"

    @override
    def refresh(self) -> None:
        """Read how laptops stand, in the words of ``vsla central status``."""
        database = self.office.database

        def job() -> tuple[LaptopState, ...]:
            from vsla_desktop import sync

            return sync.laptops(database)

        self.office.runner.submit(
            job, self.show, self.office.shell.say_error, owner=self, lane=Lane.NETWORK
        )

    @override
    def columns(self) -> Sequence[Column]:
        count = CellKind.COUNT
        return (
            Column("name", _("Laptop"), width=20),
            Column("groups", _("Groups"), count),
            Column("seen", _("Last seen"), width=18),
            Column("sent", _("Sent today"), count, note=_("rows"), is_spare=True),
            Column("fetched", _("Last fetched"), width=18, is_spare=True),
            Column("behind", _("To fetch"), count, note=_("rows"), is_spare=True),
            Column("conflicts", _("Differ"), count, note=_("values")),
            Column("refused", _("Not taken"), count, note=_("rows")),
        )

    @override
    def cells(self, row: LaptopState) -> Sequence[Cell]:
        groups = _("all") if row.all_groups else whole(len(row.groups))
        seen = Cell(instant(row.last_seen)) if row.last_seen else Cell(_("never"), tone=Tone.MUTED)
        return (
            Cell(row.name),
            Cell(groups),
            seen,
            Cell(whole(row.rows_today)),
            Cell(instant(row.pulled_at)),
            Cell(whole(row.behind)),
            _to_settle(row.conflicts),
            _to_settle(row.quarantined),
        )

    @override
    def empty(self) -> tuple[str, str]:
        return _("No laptop is let in yet"), _("Let one in with its groups.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        row = self.current
        if row is None:
            return ()
        groups = ", ".join(
            each.code if each.is_writable else _("{name} (looks)", name=each.code)
            for each in row.groups
        )
        may = _("It may open groups.") if row.may_open_groups else _("It opens no groups.")
        return (
            Fact(_("Groups"), groups or (_("all") if row.all_groups else _("none"))),
            Fact(_("Batches"), whole(row.last_batch)),
            Fact("", may),
        )

    @override
    def actions(self) -> tuple[Action, ...]:
        if not self.office.may(Duty.LAPTOPS):
            return ()
        of_row: tuple[Action, ...] = ()
        if self.current is not None:
            of_row = (
                Action("shut_out", _("Shut it out"), "lock", "F7"),
                Action("renew", _("Renew its login"), "restore", "F6"),
            )
        return (*of_row, Action("enrol", _("Let a laptop in"), "plus", "F10", is_main=True))

    # ------------------------------------------------------------------ what is done

    def do_enrol(self) -> None:
        """Ask for a new laptop's name and groups, and where its file goes."""
        may = (Choice("yes", _("Yes")), Choice("no", _("No")))

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            def let_in(database: Database, address: Address) -> Enrolment:
                from vsla_desktop import sync

                return sync.enrol_device(
                    database,
                    values["name"],
                    codes(values["groups"]),
                    may_open_groups=values["opens"] == "yes",
                    address=address,
                )

            self._hand_over(values, values["name"], let_in)

        self.ask(
            OfficeForm(
                _("Let a laptop in"),
                _("Make its file"),
                (
                    Field("name", _("What the laptop is called")),
                    Field("groups", _("Codes of its groups")),
                    Field("opens", _("May it open new groups?"), FieldKind.CHOICE, may),
                    *_file_fields(),
                ),
                act,
                readers={"name": _needed("name")} | _file_readers(),
                texts=_file_texts(),
                notes={"groups": _("With commas; * for all, or none.")} | _file_notes(),
            )
        )

    def do_renew(self) -> None:
        """Ask where the new file of a laptop goes whose book was copied or restored."""
        row = self.current
        if row is None:
            return

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            def renew(database: Database, address: Address) -> Enrolment:
                from vsla_desktop import sync

                return sync.renew_device(database, row.name, address=address)

            self._hand_over(values, row.name, renew)

        self.ask(
            OfficeForm(
                _("A new login for {name}", name=row.name),
                _("Make its file"),
                _file_fields(),
                act,
                readers=_file_readers(),
                texts=_file_texts(),
                notes={
                    "folder": _("The old login ends at once."),
                    "host": _("Empty: as before."),
                    "certificate": _("Empty: as before."),
                },
            )
        )

    def do_shut_out(self) -> None:
        """Ask once more before a laptop is shut out."""
        row = self.current
        if row is None:
            return

        def check(text: str) -> str:
            if text.strip() != row.name:
                raise RuleBroken("Write the laptop's name.", field="name")
            return text.strip()

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            def revoke(database: Database) -> None:
                from vsla_desktop import sync

                sync.revoke_device(database, row.name)

            self.act(Duty.LAPTOPS, revoke, _("{name} is shut out.", name=row.name))

        self.ask(
            OfficeForm(
                _("Shut out {name}", name=row.name),
                _("Shut it out"),
                (Field("name", _("The laptop's name, to be sure")),),
                act,
                readers={"name": Reader(check)},
                notes={"name": _("Its login ends at once. What it has not sent stays on it.")},
            )
        )

    def _hand_over(
        self,
        values: Mapping[str, Any],
        name: str,
        make: Callable[[Database, Address], Enrolment],
    ) -> None:
        """Make a login and write its file; the code is told here and never again."""
        file = Path(values["folder"]) / f"{name}.json"
        host, certificate = values["host"], values["certificate"]

        def work(database: Database) -> str:
            from vsla_desktop import sync

            address = sync.Address(host=host, root_certificate=_certificate(certificate))
            _make(file)
            try:
                return sync.hand_over(make(database, address), file)
            except BaseException:
                file.unlink(missing_ok=True)
                raise

        def came(code: str) -> None:
            self.tell(
                Told(
                    _("{name} is let in", name=name),
                    _("Send the file by one way and the code by another."),
                    (Fact(_("File"), str(file)), Fact(_("Code"), code)),
                )
            )

        self.office.act(Duty.LAPTOPS, work, came, self.refused, owner=self)


def _to_settle(count: int) -> Cell:
    return Cell(whole(count), icon="warning", tone=Tone.WARNING) if count else Cell(whole(0))


def _file_fields() -> tuple[Field, ...]:
    return (
        Field("folder", _("Folder for its file")),
        Field("host", _("The server as laptops reach it")),
        Field("certificate", _("Certificate of the authority (file)")),
    )


def _file_texts() -> dict[str, str]:
    return {"folder": str(Path.home())}


def _file_notes() -> dict[str, str]:
    return {
        "host": _("Empty: as this program reaches it."),
        "certificate": _("Laptops check with it whom they talk to."),
    }


def _file_readers() -> dict[str, Reader]:
    return {"folder": Reader(_folder), "certificate": Reader(_certificate_file)}


def _needed(key: str) -> Reader:
    def read(text: str) -> str:
        if not any_text(text):
            raise RuleBroken("Fill this in.", field=key)
        return any_text(text)

    return Reader(read)


def _folder(text: str) -> str:
    folder = Path(text.strip()).expanduser()
    if not folder.is_dir():
        raise RuleBroken("There is no such folder.", field="folder")
    return str(folder)


def _certificate_file(text: str) -> str:
    """Take the name of a file that holds a certificate, or nothing."""
    _certificate(text)
    return text.strip()


def _certificate(name: str) -> str:
    """Return the certificate that a file holds, as PEM; nothing where none is named."""
    if not name.strip():
        return ""
    try:
        pem = Path(name.strip()).expanduser().read_text(errors="replace")
    except OSError:
        raise RuleBroken("There is no such file.", field="certificate") from None
    if _CERTIFICATE not in pem:
        raise RuleBroken("Give a certificate as PEM.", field="certificate")
    return pem


def _make(file: Path) -> None:
    """Make the file before the login, so that no login is made that no file would hold."""
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise RuleBroken(
            "There is a file of this name already.", hint="Take it away first.", field="folder"
        ) from None
    except OSError:
        raise RuleBroken("This folder can not be written to.", field="folder") from None
