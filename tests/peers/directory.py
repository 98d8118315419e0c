"""A real LDAP directory for the tests: Debian's slapd, with people and groups of ours, over TLS."""

import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import ldap3

SUFFIX = "dc=uni,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
SEARCHER, SEARCHER_PASSWORD = f"cn=lectern,{SUFFIX}", "searcher-secret"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "admin-secret"

_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {admin_password}
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{searcher}" read by dn.exact="{admin}" write by * none
"""

_PEOPLE = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: Uni
dc: uni

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {SEARCHER}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: lectern
userPassword: {SEARCHER_PASSWORD}

dn: uid=ada,{PEOPLE}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
userPassword: ada-secret

dn: cn=Müller\\, Jürgen (ext),{PEOPLE}
objectClass: inetOrgPerson
uid: juergen
cn: Müller, Jürgen (ext)
sn: Müller
userPassword: juergen-secret

dn: uid=bob,{PEOPLE}
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob
userPassword: bob-secret

dn: cn=students,{GROUPS}
objectClass: groupOfNames
cn: students
member: uid=ada,{PEOPLE}
member: cn=Müller\\, Jürgen (ext),{PEOPLE}

dn: cn=staff,{GROUPS}
objectClass: posixGroup
cn: staff
gidNumber: 1
memberUid: ada
"""


def _run(*words, **more):
    subprocess.run(words, check=True, capture_output=True, **more)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SlapdPeer:
    """slapd in a folder, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "db").mkdir(parents=True)
        self._make_certificates()
        values = {"suffix": SUFFIX, "searcher": SEARCHER, "admin": ADMIN, "admin_password": ADMIN_PASSWORD}
        (folder / "slapd.conf").write_text(_CONFIG.format(folder=folder, **values))
        (folder / "people.ldif").write_text(_PEOPLE, encoding="utf-8")
        _run("slapadd", "-f", str(folder / "slapd.conf"), "-l", str(folder / "people.ldif"))
        self.port, plain_port = _free_port(), _free_port()
        self.start_tls_url = f"ldap://localhost:{plain_port}"
        self._listens = f"ldaps://127.0.0.1:{self.port} ldap://127.0.0.1:{plain_port}"
        self.url = f"ldaps://localhost:{self.port}"
        self._process = None
        self.start()

    def _make_certificates(self) -> None:
        for name, more in (
            ("ca", ["-x509", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.pem"]),
            ("server", ["-out", "server.csr"]),
        ):
            words = ["-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj", f"/CN={name}"]
            _run("openssl", "req", *words, *more, cwd=self.folder)
        (self.folder / "names").write_text("subjectAltName=DNS:localhost\n")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
        _run("openssl", "x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem", cwd=self.folder)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def start(self) -> None:
        # -d 0: in the foreground, so that it is ours to stop
        self._process = subprocess.Popen(
            [
                "slapd",
                "-f",
                str(self.folder / "slapd.conf"),
                "-h",
                self._listens,
                "-d",
                "0",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("slapd does not listen")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def freeze(self) -> None:
        """Let it take connections and say nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def set_members(self, group: str, attribute: str, members: list[str]) -> None:
        """Say who is in a group, as an operator does."""
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.ca_file))
        server = ldap3.Server("localhost", port=self.port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        with ldap3.Connection(server, ADMIN, ADMIN_PASSWORD, raise_exceptions=True) as connection:
            connection.modify(f"cn={group},{GROUPS}", {attribute: [(ldap3.MODIFY_REPLACE, members)]})
