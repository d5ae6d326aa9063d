"""The development desk: steering and watching a server of `antechamber dev`, below `/_antechamber/`.

Lives here: a clock that can be steered, the mailbox, reset and snapshots, the step that the API hides
(accepting), tenants of one test, the request log; as JSON and as two pages for people.
May call: usecases, domain. Never: storage, mail, auth; and `antechamber serve` never has any of it
(INV-11, SECURITY-MODEL "E-mail").
"""

BASE_PATH = "/_antechamber"
